import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { serviceOf } from '../testing/services.ts'
import { serviceBefore } from './service-before.ts'

const entry = serviceOf('db.shop.svc.cluster.local')
const origin = { kind: 'Service', namespace: 'shop', name: 'db', file: '', line: 0 }
const ofKubernetes = { ...entry, registry: 'Kubernetes', namespace: 'shop', origin } as const

describe('serviceBefore', () => {
  it('names the Service of the entry’s own namespace', () => {
    assert.equal(
      serviceBefore([entry, ofKubernetes], 'shop'),
      'Service shop/db has this host as well, and is answered in its place',
    )
  })

  it('says where that is so when the entry is of another namespace, which comes first there', () => {
    assert.equal(
      serviceBefore([ofKubernetes], 'bank'),
      'Service shop/db has this host as well, and is answered in its place outside of namespace bank',
    )
  })

  it('says nothing where there are only entries', () => {
    assert.equal(serviceBefore([entry], 'shop'), undefined)
  })
})
