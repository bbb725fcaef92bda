import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { parsePrefix } from '../ip/prefix.ts'
import type { Hostname } from '../registry/hostname.ts'
import type { MeshHost } from '../registry/view.ts'
import { arbitraryHostMoments, fewAddresses } from '../testing/arbitrary-hosts.ts'
import { buildRouteTable, type Match, type RouteTable } from './route-table.ts'

const prefixes = [parsePrefix('240.240.0.0/16'), parsePrefix('2001:2::/48')]

/** What the table says of everything that can be asked. */
function answersOf(table: RouteTable) {
  return fewAddresses.flatMap((address) =>
    [80, 443, 8080, 1].map((port) => [address, port, describeMatch(table.find(address, port))]),
  )
}

/** Of those that declare a port without an address, none comes before the others. */
function describeMatch(match: Match): unknown {
  if (match.kind !== 'unknown') return match
  return { kind: match.kind, declared: match.declared.map(({ host }) => host).sort() }
}

describe('RouteTable, host by host', () => {
  it('comes to the same as a table that is made of the view at once', () => {
    fc.assert(
      fc.property(arbitraryHostMoments, (moments) => {
        const table = buildRouteTable(new Map(), prefixes)
        const view = new Map<Hostname, MeshHost>()
        for (const { host, seen } of moments) {
          table.update(host, seen)
          view.delete(host)
          if (seen) view.set(host, seen)
          assert.deepEqual(answersOf(table), answersOf(buildRouteTable(view, prefixes)))
        }
      }),
    )
  })

  it('keeps the routes of hosts that did not change', () => {
    fc.assert(
      fc.property(arbitraryHostMoments, arbitraryHostMoments, (first, then) => {
        const table = buildRouteTable(new Map(), prefixes)
        for (const { host, seen } of first) table.update(host, seen)
        const changed = new Set(then.map(({ host }) => host))
        const before = routesOf(table, changed)
        for (const { host, seen } of then) table.update(host, seen)
        for (const route of routesOf(table, changed)) {
          const old = [...before].find(
            ({ host, port }) => host === route.host && port === route.port,
          )
          if (old) assert.equal(route, old)
        }
      }),
    )
  })
})

/** Routes at virtual addresses, but those of some hosts. */
function routesOf(table: RouteTable, except: ReadonlySet<Hostname>) {
  const matches = fewAddresses.map((address) => table.find(address, 80))
  const routes = matches.flatMap((match) =>
    match.kind === 'route' && match.virtual && match.rivals.length === 0 ? [match.route] : [],
  )
  return new Set(routes.filter(({ host, endpoints }) => !except.has(host) && endpoints.length > 0))
}
