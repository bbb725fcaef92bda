import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { nearnessOf } from '../../registry/nearness.ts'
import type { Service } from '../../registry/service.ts'
import {
  auto,
  autoUid,
  entry,
  held,
  pod,
  resourcesOf,
  update,
} from '../../testing/auto-service-resources.ts'
import { endpoint } from '../../testing/mesh.ts'
import { serviceOf } from '../../testing/services.ts'
import { AddressResources } from './address-resources.ts'

describe('AddressResources.update', () => {
  it('has nothing to say when nothing changed', () => {
    const resources = new AddressResources({ clusterId: 'Kubernetes' })
    update(resources, [auto])
    const again = { ...auto, endpoints: auto.endpoints.map((one) => ({ ...one })) }
    assert.deepEqual(update(resources, [again]), { put: [], drop: [] })
  })

  const rows: readonly {
    readonly name: string
    readonly services?: readonly Service[]
    readonly virtual?: Readonly<Record<string, readonly string[]>>
    readonly put?: readonly string[]
    readonly drop?: readonly string[]
  }[] = [
    { name: 'all of a host that is gone', services: [], drop: ['default/auto.internal', autoUid] },
    {
      name: 'the workload when its health is another',
      services: [{ ...auto, endpoints: auto.endpoints.map((e) => ({ ...e, healthy: false })) }],
      put: [autoUid],
    },
    {
      name: 'the workload when it runs on another node',
      services: [{ ...auto, endpoints: auto.endpoints.map((e) => ({ ...e, node: 'node-2' })) }],
      put: [autoUid],
    },
    {
      name: 'the service when others of its endpoints are preferred',
      services: [{ ...auto, nearness: nearnessOf.PreferSameZone }],
      put: ['default/auto.internal'],
    },
    {
      name: 'the service when its address is another',
      virtual: { 'default/auto.internal': ['240.240.0.9'] },
      put: ['default/auto.internal'],
    },
    {
      name: 'both when others may see them',
      services: [{ ...auto, exportTo: ['ns2'] }],
      put: ['default/auto.internal', autoUid],
    },
    {
      name: 'workloads as well when a second declaration joins the first',
      services: [auto, { ...auto, origin: entry('second'), endpoints: [], createdAt: 9 }],
      put: ['default/auto.internal', autoUid],
    },
    {
      name: 'a workload that was added, alone',
      services: [
        {
          ...auto,
          endpoints: [
            ...auto.endpoints,
            endpoint('192.0.2.7', {}, { origin: entry('external-auto') }),
          ],
        },
      ],
      put: ['Kubernetes/networking.istio.io/ServiceEntry/default/external-auto/192.0.2.7'],
    },
  ]
  for (const { name, services = [auto], virtual = held, put = [], drop = [] } of rows) {
    it(`names ${name}`, () => {
      const resources = new AddressResources({ clusterId: 'Kubernetes' })
      const before = update(resources, [auto])
      const change = update(resources, services, virtual, [auto.host])
      assert.deepEqual(
        change.put.map((resource) => resource.name),
        put,
      )
      assert.deepEqual(change.drop, drop)
      const restored = update(resources, [auto])
      const versions = new Map(before.put.map((resource) => [resource.name, resource.version]))
      for (const resource of restored.put) {
        assert.equal(resource.version, versions.get(resource.name))
      }
    })
  }

  it('does not depend on the way that led to it', () => {
    const other = serviceOf('other.test', {
      endpoints: [endpoint('10.0.0.7', { 80: 8080 }, { origin: pod('web-0') })],
    })
    const both = { ...auto, endpoints: [...auto.endpoints, ...other.endpoints] }
    const resources = new AddressResources({ clusterId: 'Kubernetes' })
    const versions = new Map<string, string>()
    for (const services of [[auto], [other], [both, other]]) {
      const { put, drop } = update(resources, services)
      for (const { name, version } of put) versions.set(name, version)
      for (const name of drop) versions.delete(name)
    }
    const direct = [...resourcesOf([other, both])].map(
      ([name, { version }]) => [name, version] as const,
    )
    assert.deepEqual(versions, new Map(direct))
  })
})
