import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { parseIp } from '../ip/address.ts'
import { hostname } from '../testing/mesh.ts'
import { serviceOf } from '../testing/services.ts'
import type { Service } from './service.ts'
import { servicesByHost } from './services-by-host.ts'
import { type MeshHost, viewOf } from './view.ts'
import { virtualOwner } from './virtual-addresses.ts'

const host = hostname('a.test')
const pair = { v4: parseIp('240.240.0.1'), v6: parseIp('2001:2::1') }
const held = new Map(['ns1', 'ns2'].map((namespace) => [virtualOwner(namespace, host), pair]))

function seenFrom(namespace: string, services: readonly Service[]): MeshHost | undefined {
  return viewOf(servicesByHost(services), held, { namespace, virtualFamilies: [4, 6] }).get(host)
}

describe('viewOf', () => {
  const rows: readonly {
    readonly name: string
    readonly exportTo: readonly string[]
    readonly sees: readonly string[]
  }[] = [
    { name: '* shows it to all', exportTo: ['*'], sees: ['ns1', 'ns2', 'ns3'] },
    { name: '. shows it to its own namespace', exportTo: ['.'], sees: ['ns1'] },
    { name: 'names show it to these', exportTo: ['ns2', 'ns3'], sees: ['ns2', 'ns3'] },
    { name: '~ shows it to nobody', exportTo: ['~'], sees: [] },
  ]
  for (const { name, exportTo, sees } of rows) {
    it(name, () => {
      const services = [serviceOf('a.test', { namespace: 'ns1', exportTo })]
      const seeing = ['ns1', 'ns2', 'ns3'].filter((namespace) => seenFrom(namespace, services))
      assert.deepEqual(seeing, sees)
    })
  }

  const old = serviceOf('a.test', { namespace: 'ns1', createdAt: 1 })
  const young = serviceOf('a.test', { namespace: 'ns2', createdAt: 2 })
  const cluster = serviceOf('a.test', { namespace: 'ns4', createdAt: 3, registry: 'Kubernetes' })

  it('takes the word of its own namespace before others', () => {
    assert.equal(seenFrom('ns2', [old, young, cluster])?.namespace, 'ns2')
  })

  it('else that of a Kubernetes Service, else the oldest, in whatever order they come', () => {
    for (const services of [
      [old, young, cluster],
      [cluster, young, old],
    ]) {
      assert.equal(seenFrom('ns3', services)?.namespace, 'ns4')
    }
    assert.equal(seenFrom('ns3', [young, old])?.namespace, 'ns1')
  })

  it('keeps all services of that namespace, Kubernetes first, then oldest first', () => {
    const kubernetes = { ...old, registry: 'Kubernetes', createdAt: 9 } as const
    const younger = { ...old, createdAt: 5 }
    assert.deepEqual(seenFrom('ns1', [younger, old, kubernetes, young])?.services, [
      kubernetes,
      old,
      younger,
    ])
  })

  it('gives virtual addresses of the families that the viewer can use', () => {
    const usable = (virtualFamilies: readonly (4 | 6)[]) =>
      viewOf(servicesByHost([old]), held, { namespace: 'ns1', virtualFamilies }).get(host)?.virtual
    assert.deepEqual(usable([4, 6]), ['240.240.0.1', '2001:2::1'])
    assert.deepEqual(usable([6]), ['2001:2::1'])
    assert.deepEqual(usable([]), [])
  })
})
