import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { parseIp } from '../ip/address.ts'
import { parsePrefix } from '../ip/prefix.ts'
import type { Service } from '../registry/service.ts'
import { serviceOf } from '../testing/services.ts'
import { explicitAddresses, wantedOwners } from './wanted.ts'

interface Case {
  readonly name: string
  readonly services: readonly Service[]
  readonly want: readonly string[]
}

const address = parseIp('198.51.100.1')

const cases: readonly Case[] = [
  { name: 'no services want nothing', services: [], want: [] },
  {
    name: 'hosts of one age stay in the order given',
    services: [serviceOf('b.test'), serviceOf('a.test')],
    want: ['default/b.test', 'default/a.test'],
  },
  {
    name: 'the oldest host comes first',
    services: [serviceOf('b.test', { createdAt: 2 }), serviceOf('a.test', { createdAt: 1 })],
    want: ['default/a.test', 'default/b.test'],
  },
  {
    name: 'two entries for one host count once, with the age of the elder',
    services: [
      serviceOf('late.test', { createdAt: 9 }),
      serviceOf('other.test', { createdAt: 5 }),
      serviceOf('late.test', { createdAt: 1 }),
    ],
    want: ['default/late.test', 'default/other.test'],
  },
  {
    name: 'the same host in two namespaces is two hosts',
    services: [serviceOf('a.test'), serviceOf('a.test', { namespace: 'ns1' })],
    want: ['default/a.test', 'ns1/a.test'],
  },
  {
    name: 'a host that wants none gets none',
    services: [serviceOf('a.test', { allocatable: false })],
    want: [],
  },
  {
    name: 'one entry that wants an address is enough',
    services: [serviceOf('a.test', { allocatable: false }), serviceOf('a.test')],
    want: ['default/a.test'],
  },
  {
    name: 'an explicit address in any entry of the host wins',
    services: [
      serviceOf('a.test'),
      serviceOf('a.test', { allocatable: false, addresses: [address] }),
    ],
    want: [],
  },
  {
    name: 'an explicit range wins as well',
    services: [serviceOf('a.test'), serviceOf('a.test', { prefixes: [parsePrefix('10.0.0.0/8')] })],
    want: [],
  },
  {
    name: 'an explicit address in another namespace does not matter',
    services: [
      serviceOf('a.test'),
      serviceOf('a.test', { namespace: 'ns1', addresses: [address] }),
    ],
    want: ['default/a.test'],
  },
]

describe('wantedOwners', () => {
  for (const { name, services, want } of cases) {
    it(name, () => {
      assert.deepEqual(
        wantedOwners(services).map(({ owner }) => owner),
        want,
      )
    })
  }
})

describe('explicitAddresses', () => {
  it('names the first host that claims an address', () => {
    const claims = ['first.test', 'second.test'].map((host) =>
      serviceOf(host, { addresses: [address] }),
    )
    assert.deepEqual([...explicitAddresses(claims)], [[address, 'default/first.test']])
  })
})
