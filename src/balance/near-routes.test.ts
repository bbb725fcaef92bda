import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { parseIp } from '../ip/address.ts'
import { parsePrefix } from '../ip/prefix.ts'
import { nearnessOf } from '../registry/nearness.ts'
import type { Service } from '../registry/service.ts'
import { endpoint, view } from '../testing/mesh.ts'
import { serviceOf } from '../testing/services.ts'
import type { Route } from './route.ts'
import { buildRouteTable } from './route-table.ts'

const prefixes = [parsePrefix('240.240.0.0/16')]
const virtual = { 'a.test': '240.240.0.1' }

function at(address: string, node: string, healthy = true) {
  return endpoint(address, { 80: 80 }, { node, healthy })
}

const onTwoNodes = [at('10.0.0.1', 'node-1'), at('10.0.0.2', 'node-2')]

function setUp(services: readonly Service[]) {
  const table = buildRouteTable(view(services, virtual), prefixes)
  const route = (): Route => {
    const match = table.find(parseIp('240.240.0.1'), 80)
    assert.ok(match.kind === 'route')
    return match.route
  }
  return { table, route }
}

/** Endpoints that a client of the node may be led to. */
function found(services: readonly Service[], node?: string): readonly string[] {
  const { table, route } = setUp(services)
  if (node !== undefined) table.setPlace({ node })
  return route().endpoints.map(({ key }) => key)
}

describe('RouteTable, where endpoints are on nodes', () => {
  it('leads only to those of the own node where nobody else may be asked', () => {
    const services = [serviceOf('a.test', { endpoints: onTwoNodes, nearness: nearnessOf.Local })]
    assert.deepEqual(found(services, 'node-1'), ['10.0.0.1 80'])
    assert.deepEqual(found(services, 'node-2'), ['10.0.0.2 80'])
    assert.deepEqual(found(services, 'node-3'), [])
    assert.deepEqual(found(services), [])
  })

  it('leads nowhere else when that of the own node is not ready', () => {
    const endpoints = [at('10.0.0.1', 'node-1', false), at('10.0.0.2', 'node-2')]
    const services = [serviceOf('a.test', { endpoints, nearness: nearnessOf.Local })]
    assert.deepEqual(found(services, 'node-1'), [])
  })

  it('goes by the word of the first service, for endpoints of all', () => {
    const plain = serviceOf('a.test', { registry: 'Kubernetes', endpoints: onTwoNodes })
    const entry = serviceOf('a.test', { endpoints: [at('10.0.0.3', 'node-3')] })
    const local = { nearness: nearnessOf.Local }
    assert.deepEqual(found([{ ...plain, ...local }, entry], 'node-3'), ['10.0.0.3 80'])
    const all = ['10.0.0.1 80', '10.0.0.2 80', '10.0.0.3 80']
    assert.deepEqual(found([plain, { ...entry, ...local }], 'node-3'), all)
  })

  it('keeps its routes until the client is elsewhere', () => {
    const nearness = nearnessOf.PreferSameNode
    const { table, route } = setUp([serviceOf('a.test', { endpoints: onTwoNodes, nearness })])
    const before = route()
    assert.equal(before, route())
    assert.ok(!before.hasNearer)
    table.setPlace({ node: 'node-2' })
    assert.ok(route().hasNearer)
    assert.deepEqual(
      route().endpoints.map(({ distance }) => distance),
      [1, 0],
    )
  })
})
