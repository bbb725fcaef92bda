import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { parseIp } from '../../ip/address.ts'
import { servicesByHost } from '../../registry/services-by-host.ts'
import { virtualOwner } from '../../registry/virtual-addresses.ts'
import { hostname } from '../../testing/mesh.ts'
import { serviceOf } from '../../testing/services.ts'
import { desiredStatus } from './desired-status.ts'
import { readEntry } from './entry.ts'
import { EntryTable } from './entry-table.ts'

const host = 'db.shop.svc.cluster.local'
const pair = { v4: parseIp('240.240.0.1'), v6: parseIp('2001:2::1') }
const service = serviceOf(host, {
  registry: 'Kubernetes',
  origin: { kind: 'Service', namespace: 'shop', name: 'db', file: '', line: 0 },
})

/** The condition of an entry whose host holds addresses, beside a Service or not. */
function conditionOf(namespace: string, isService: boolean, held = [pair]) {
  const metadata = { namespace, name: 'e', uid: 'e', resourceVersion: '1', generation: 3 }
  const entry = readEntry({ metadata, spec: { hosts: [host], resolution: 'STATIC' } })
  assert.ok(entry)
  const owner = virtualOwner(namespace, hostname(host))
  const declared = { services: () => servicesByHost(isService ? [service] : []) }
  const table = new EntryTable()
  return desiredStatus(entry, new Map(held.map((one) => [owner, one])), { table, declared })
    .condition
}

const has = `${host} has 240.240.0.1 and 2001:2::1`
const before = `Service shop/db has this host as well, and is answered in its place`

describe('desiredStatus', () => {
  it('says that a Service is answered in the place of a host', () => {
    assert.deepEqual(conditionOf('shop', true), {
      status: 'True',
      reason: 'HostOfService',
      message: `${has}, but ${before}.`,
      observedGeneration: 3,
    })
    const elsewhere = conditionOf('bank', true)?.message
    assert.equal(elsewhere, `${has}, but ${before} outside of namespace bank.`)
  })

  it('says only who has what where there is no Service', () => {
    const { reason, message } = conditionOf('shop', false) ?? {}
    assert.deepEqual([reason, message], ['AddressesAllocated', `${has}.`])
  })

  it('says first that addresses are missing', () => {
    const { status, reason } = conditionOf('shop', true, []) ?? {}
    assert.deepEqual([status, reason], ['False', 'PoolExhausted'])
  })
})
