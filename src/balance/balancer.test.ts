import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import * as fc from 'fast-check'
import { nearnessOf } from '../registry/nearness.ts'
import type { Service } from '../registry/service.ts'
import { FakeClock } from '../testing/fake-clock.ts'
import { endpoint } from '../testing/mesh.ts'
import { serviceOf } from '../testing/services.ts'
import { Balancer } from './balancer.ts'
import { RecentFailures } from './recent-failures.ts'
import { HostRoutes, type Route, type RouteEndpoint } from './route.ts'

const avoidMs = 10_000

/** A route whose endpoints are `10.0.0.1`, `10.0.0.2`, … with these weights. */
function routeWith(weights: readonly number[]): Route {
  return routeTo(
    serviceOf('a.test', {
      endpoints: weights.map((weight, at) => endpoint(`10.0.0.${at + 1}`, { 80: 80 }, { weight })),
    }),
  )
}

/** A route from `node-1`, whose endpoints are in these zones; in the first two it is `node-1`, too. */
function routeToZones(zones: readonly string[]): Route {
  const endpoints = zones.map((zone, at) => {
    const place = { locality: `r/${zone}`, node: at < 2 ? 'node-1' : `node-${at}` }
    return endpoint(`10.0.0.${at + 1}`, { 80: 80 }, { ...place, weight: at === 4 ? 0 : 1 })
  })
  return routeTo(serviceOf('a.test', { endpoints, nearness: nearnessOf.PreferSameNode }))
}

function routeTo(only: Service): Route {
  const seen = { host: only.host, namespace: only.namespace, services: [only], virtual: [] }
  const place = { locality: 'r/z', node: 'node-1' }
  const route = new HostRoutes(seen, { place }).at(80)
  assert.ok(route)
  return route
}

function setUp() {
  const clock = new FakeClock()
  return { clock, balancer: new Balancer(new RecentFailures(clock, avoidMs)) }
}

function first(balancer: Balancer, route: Route): RouteEndpoint {
  for (const candidate of balancer.candidates(route)) return candidate
  assert.fail('no candidate')
}

/** How often each endpoint comes first, in the order of the endpoints. */
function count(balancer: Balancer, route: Route, connections: number): number[] {
  const counts = new Map(route.endpoints.map(({ key }) => [key, 0]))
  for (let made = 0; made < connections; made += 1) {
    const { key } = first(balancer, route)
    counts.set(key, (counts.get(key) ?? 0) + 1)
  }
  return [...counts.values()]
}

describe('Balancer', () => {
  it('gives every endpoint exactly its weight', () => {
    const weights = fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1, maxLength: 8 })
    fc.assert(
      fc.property(weights, fc.integer({ min: 1, max: 3 }), (weights, rounds) => {
        const total = weights.reduce((sum, weight) => sum + weight, 0)
        const counts = count(setUp().balancer, routeWith(weights), total * rounds)
        assert.deepEqual(
          counts,
          weights.map((weight) => weight * rounds),
        )
      }),
    )
  })

  it('mixes the turns well', () => {
    const { balancer } = setUp()
    const route = routeWith([5, 1, 1])
    const order = Array.from({ length: 7 }, () => first(balancer, route).key.at(7)).join('')
    assert.equal(order, '1121311')
  })

  it('goes on where it was when a new table brings the same route', () => {
    const { balancer } = setUp()
    const counts = new Map<string, number>()
    for (let made = 0; made < 300; made += 1) {
      const { key } = first(balancer, routeWith([1, 1, 1]))
      counts.set(key, (counts.get(key) ?? 0) + 1)
    }
    assert.deepEqual([...counts.values()], [100, 100, 100])
  })

  it('offers every endpoint once', () => {
    const weights = fc.array(fc.integer({ min: 0, max: 5 }), { maxLength: 6 })
    fc.assert(
      fc.property(weights, (weights) => {
        const route = routeWith(weights)
        const offered = [...setUp().balancer.candidates(route)].map(({ key }) => key)
        assert.deepEqual(offered.toSorted(), route.endpoints.map(({ key }) => key).toSorted())
      }),
    )
  })

  it('keeps endpoints of weight 0 for when nothing else is left', () => {
    const { balancer } = setUp()
    const route = routeWith([0, 3, 0])
    assert.deepEqual(count(balancer, route, 6), [0, 6, 0])
    assert.equal([...balancer.candidates(route)][0]?.key, '10.0.0.2 80')
  })

  it('takes endpoints as equals when none has a weight', () => {
    assert.deepEqual(count(setUp().balancer, routeWith([0, 0]), 10), [5, 5])
  })

  it('avoids an endpoint for a while after it failed', () => {
    const { balancer, clock } = setUp()
    const route = routeWith([1, 1])
    const failed = first(balancer, route)
    balancer.failed(failed)
    assert.deepEqual(count(balancer, route, 4), [0, 4])
    clock.advance(avoidMs)
    assert.deepEqual(count(balancer, route, 4), [2, 2])
  })

  it('takes an endpoint back at once when it worked', () => {
    const { balancer } = setUp()
    const route = routeWith([1, 1])
    const failed = first(balancer, route)
    balancer.failed(failed)
    balancer.worked(failed)
    assert.deepEqual(count(balancer, route, 4), [2, 2])
  })

  it('still offers endpoints that all failed', () => {
    const { balancer } = setUp()
    const route = routeWith([1, 1])
    for (const candidate of balancer.candidates(route)) balancer.failed(candidate)
    assert.equal([...balancer.candidates(route)].length, 2)
  })

  it('takes the nearest in turn, and goes further when they fail', () => {
    const { balancer, clock } = setUp()
    const route = routeToZones(['z', 'z', 'z', 'other'])
    assert.deepEqual(count(balancer, route, 4), [2, 2, 0, 0])
    const offered = [...balancer.candidates(route)].map(({ distance }) => distance)
    assert.deepEqual(offered, [0, 0, 1, 3])
    for (const near of route.endpoints.slice(0, 2)) balancer.failed(near)
    assert.deepEqual(count(balancer, route, 4), [0, 0, 4, 0])
    for (const near of route.endpoints.slice(0, 3)) balancer.failed(near)
    assert.deepEqual(count(balancer, route, 4), [0, 0, 0, 4])
    clock.advance(avoidMs)
    assert.deepEqual(count(balancer, route, 4), [2, 2, 0, 0])
  })

  it('prefers a weight that is far to none that is near', () => {
    const { balancer } = setUp()
    const [, , , far, weightless] = routeToZones(['z', 'z', 'z', 'other', 'z']).endpoints
    assert.ok(far && weightless)
    const route = { ...routeToZones([]), endpoints: [weightless, far], hasNearer: true }
    assert.deepEqual([...balancer.candidates(route)], [far, weightless])
  })
})
