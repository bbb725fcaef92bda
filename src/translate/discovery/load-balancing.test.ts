import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type Nearness, nearnessOf } from '../../registry/nearness.ts'
import type { Service } from '../../registry/service.ts'
import { serviceOf } from '../../testing/services.ts'
import { loadBalancingOf, nearnessOfMessage, readNearness } from './load-balancing.ts'

interface Case {
  readonly name: string
  readonly service: Partial<Service>
  /** Numbers as they stand in Istio's workload.proto; missing for no word at all. */
  readonly want?: {
    readonly routingPreference?: readonly number[]
    readonly mode: number
    readonly healthPolicy: number
  }
}

const [network, region, zone, subzone, node, cluster] = [6, 1, 2, 3, 4, 5] as const
const [strict, failover, passThrough] = [1, 2, 3] as const

const cases: readonly Case[] = [
  { name: 'nothing of a usual service', service: {} },
  {
    name: 'one node and no other',
    service: { nearness: nearnessOf.Local },
    want: { routingPreference: [node], mode: strict, healthPolicy: 0 },
  },
  {
    name: 'the zone, then the region, then the network',
    service: { nearness: nearnessOf.PreferSameZone },
    want: { routingPreference: [network, region, zone], mode: failover, healthPolicy: 0 },
  },
  {
    name: 'the node, then everything around it',
    service: { nearness: nearnessOf.PreferSameNode },
    want: {
      routingPreference: [network, region, zone, subzone, node],
      mode: failover,
      healthPolicy: 0,
    },
  },
  {
    name: 'both words of a service whose endpoints need not be ready',
    service: { nearness: nearnessOf.Local, publishNotReady: true },
    want: { routingPreference: [node], mode: strict, healthPolicy: 1 },
  },
  {
    name: 'no preference where connections go where they were going',
    service: { nearness: nearnessOf.PreferSameZone, resolution: 'NONE' },
    want: { mode: passThrough, healthPolicy: 0 },
  },
]

describe('loadBalancingOf', () => {
  for (const { name, service, want } of cases) {
    it(`says ${name}, as istiod does`, () => {
      assert.deepEqual(loadBalancingOf(serviceOf('a.test', service)), want)
    })
  }
})

describe('nearnessOfMessage', () => {
  const read: readonly { name: string; mode: number; of: readonly number[]; want?: Nearness }[] = [
    { name: 'a node and no other', mode: strict, of: [node], want: nearnessOf.Local },
    {
      name: 'an order that no word of Kubernetes stands for',
      mode: failover,
      of: [region, node],
      want: { scopes: ['REGION', 'NODE'], strict: false },
    },
    { name: 'nothing where a mode is missing', mode: 0, of: [region] },
    { name: 'nothing of what is passed through', mode: passThrough, of: [region] },
    { name: 'nothing of an empty list', mode: strict, of: [] },
    { name: 'nothing of places that nobody knows', mode: strict, of: [0, cluster, 99] },
    { name: 'each place once', mode: strict, of: Array(9).fill(node), want: nearnessOf.Local },
  ]
  for (const { name, mode, of: routingPreference, want } of read) {
    it(`reads ${name}`, () => {
      assert.deepEqual(nearnessOfMessage({ routingPreference, mode, healthPolicy: 0 }), want)
    })
  }
})

describe('readNearness', () => {
  it('shares what is the same for nearly all services', () => {
    assert.equal(readNearness([network, region, zone], false), nearnessOf.PreferSameZone)
  })
})
