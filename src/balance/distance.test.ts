import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type Nearness, nearnessOf, type Place } from '../registry/nearness.ts'
import { distanceOf } from './distance.ts'

interface Case {
  readonly name: string
  readonly nearness: Nearness
  /** Default: of a cluster, in `r/z/s`, on `node-1`, in the network `nw`. */
  readonly client?: Place
  readonly endpoint: Place
  readonly want: number
}

const here: Place = { network: 'nw', locality: 'r/z/s', node: 'node-1' }
const { PreferSameZone, PreferSameNode, Local } = nearnessOf

const cases: readonly Case[] = [
  {
    name: 'the same zone',
    nearness: PreferSameZone,
    endpoint: { ...here, node: 'other' },
    want: 0,
  },
  {
    name: 'another zone',
    nearness: PreferSameZone,
    endpoint: { ...here, locality: 'r/other' },
    want: 1,
  },
  {
    name: 'another region with a zone of the same name',
    nearness: PreferSameZone,
    endpoint: { ...here, locality: 'other/z/s' },
    want: 2,
  },
  {
    name: 'another network, wherever it is',
    nearness: PreferSameZone,
    endpoint: { ...here, network: 'other' },
    want: 3,
  },
  {
    name: 'an endpoint that names no network',
    nearness: PreferSameZone,
    endpoint: { locality: 'r/z' },
    want: 0,
  },
  {
    name: 'an endpoint that does not say where it is',
    nearness: PreferSameZone,
    endpoint: {},
    want: 2,
  },
  {
    name: 'an endpoint of which only the zone is known',
    nearness: PreferSameZone,
    endpoint: { locality: '/z' },
    want: 2,
  },
  {
    name: 'a client that does not know where it is',
    nearness: PreferSameZone,
    client: {},
    endpoint: here,
    want: 0,
  },
  { name: 'the same node', nearness: PreferSameNode, endpoint: here, want: 0 },
  {
    name: 'another node of the subzone',
    nearness: PreferSameNode,
    endpoint: { ...here, node: 'node-2' },
    want: 1,
  },
  {
    name: 'another node of the zone',
    nearness: PreferSameNode,
    endpoint: { ...here, locality: 'r/z/t', node: 'node-2' },
    want: 2,
  },
  {
    name: 'the same node, for a client that knows nothing else',
    nearness: PreferSameNode,
    client: { node: 'node-1' },
    endpoint: here,
    want: 0,
  },
  {
    name: 'a node, for a client that is on none',
    nearness: PreferSameNode,
    client: {},
    endpoint: here,
    want: 1,
  },
  { name: 'the one node that may be', nearness: Local, endpoint: { node: 'node-1' }, want: 0 },
  { name: 'a node that may not be', nearness: Local, endpoint: { node: 'node-2' }, want: 1 },
  { name: 'no node, and none asked from', nearness: Local, client: {}, endpoint: {}, want: 1 },
]

describe('distanceOf', () => {
  for (const { name, nearness, client = here, endpoint, want } of cases) {
    it(`counts ${want} to ${name}`, () => {
      assert.equal(distanceOf(endpoint, client, nearness), want)
    })
  }
})
