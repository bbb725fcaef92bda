import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import type { Catalog } from '../../registry/catalog.ts'
import { comparePrecedence, type Service } from '../../registry/service.ts'
import { servicesByHost } from '../../registry/services-by-host.ts'
import { virtualOwner } from '../../registry/virtual-addresses.ts'
import { arbitraryIp, arbitraryService } from '../../testing/arbitrary-services.ts'
import { decodeResource } from '../../testing/decode-resource.ts'
import { compareText } from '../services/compare-text.ts'
import { AddressResources } from './address-resources.ts'
import { DiscoveredServices } from './discovered-services.ts'
import { TableHash } from './table-hash.ts'

const options = { clusterDomain: 'cluster.local', virtualRanges: [], source: 'controller' }

/** What exists at one moment: services, and virtual addresses of the first of them. */
const state = fc.record({
  services: fc.array(arbitraryService, { maxLength: 5 }),
  virtual: fc.array(arbitraryIp, { maxLength: 4 }),
})
type State = typeof state extends fc.Arbitrary<infer T> ? T : never

function createCatalog({ services, virtual }: State): Catalog {
  const byHost = servicesByHost(services)
  const held = services.flatMap(({ namespace, host }, index) => {
    const address = virtual[index]
    const key = address?.includes(':') ? 'v6' : 'v4'
    return address ? [[virtualOwner(namespace, host), { [key]: address }] as const] : []
  })
  const virtualAddresses = new Map(held)
  return {
    services: () => byHost,
    virtualAddresses: () => virtualAddresses,
    sidecars: () => [],
    follow: () => undefined,
  }
}

/** In an order that does not depend on the way: namespaces by name, then precedence; endpoints by content. */
function ordered(services: readonly Service[]): readonly Service[] {
  const text = (one: Service['endpoints'][number]) =>
    JSON.stringify([one.target, one.origin, [...one.ports].sort(([a], [b]) => a - b), one.weight]) +
    JSON.stringify([
      one.healthy,
      one.otherAddresses,
      one.hostname,
      one.locality,
      one.network,
      one.node,
    ])
  return services
    .toSorted((a, b) => compareText(a.namespace, b.namespace) || comparePrecedence(a, b))
    .map((service) => ({
      ...service,
      endpoints: service.endpoints.toSorted((a, b) => compareText(text(a), text(b))),
    }))
}

describe('services as resources', () => {
  it('read back as the same services and addresses, after every change', () => {
    fc.assert(
      fc.property(fc.array(state, { minLength: 1, maxLength: 4 }), (states) => {
        const catalogs = states.map(createCatalog)
        const resources = new AddressResources({ clusterId: 'Kubernetes' })
        const discovered = new DiscoveredServices(options)
        for (const [index, catalog] of catalogs.entries()) {
          const before = catalogs[index - 1]?.services().keys() ?? []
          const hosts = new Set([...before, ...catalog.services().keys()])
          const { put, drop } = resources.update(hosts, catalog)
          discovered.apply(put.map(decodeResource), drop)
          assert.deepEqual([...discovered.unusable()], [])
          const got = [...discovered.services()].map(
            ([host, list]) => [host, ordered(list)] as const,
          )
          const want = [...catalog.services()].map(([host, list]) => [host, ordered(list)] as const)
          assert.deepEqual(new Map(got), new Map(want))
          assert.deepEqual(discovered.virtualAddresses(), catalog.virtualAddresses())
        }
      }),
      { numRuns: 300 },
    )
  })

  it('are the same whichever way led to them, and so is what is read of them', () => {
    fc.assert(
      fc.property(state.map(createCatalog), state.map(createCatalog), (first, second) => {
        const detour = new AddressResources({ clusterId: 'Kubernetes' })
        const direct = new AddressResources({ clusterId: 'Kubernetes' })
        const hosts = new Set([...first.services().keys(), ...second.services().keys()])
        const changes = [detour.update(hosts, first), detour.update(hosts, second)]
        const versions = new Map<string, string>()
        for (const { put, drop } of changes) {
          for (const name of drop) versions.delete(name)
          for (const { name, version } of put) versions.set(name, version)
        }
        const { put } = direct.update(hosts, second)
        const hash = (entries: Iterable<readonly [string, string]>) => {
          const table = new TableHash()
          for (const [name, version] of entries) table.add(name, version)
          return table.toString()
        }
        assert.equal(hash(versions), hash(put.map(({ name, version }) => [name, version] as const)))
        const forward = new DiscoveredServices(options)
        const backward = new DiscoveredServices(options)
        forward.apply(put.map(decodeResource), [])
        for (const resource of put.toReversed()) backward.apply([decodeResource(resource)], [])
        assert.deepEqual(forward.services(), backward.services())
      }),
      { numRuns: 150 },
    )
  })
})
