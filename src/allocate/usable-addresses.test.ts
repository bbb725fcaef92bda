import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { parseIp } from '../ip/address.ts'
import { parsePrefix } from '../ip/prefix.ts'
import { AddressSet } from './address-set.ts'
import { createUsableTest, usableAddresses, usableCount } from './usable-addresses.ts'

interface Case {
  readonly name: string
  readonly pool: string
  readonly first: string
  readonly last?: string
  readonly count: number
}

const cases: readonly Case[] = [
  {
    name: 'an IPv4 pool begins behind the network address and ends before the broadcast address',
    pool: '10.0.0.16/28',
    first: '10.0.0.17',
    last: '10.0.0.30',
    count: 14,
  },
  {
    name: 'an IPv6 pool leaves out only the network address',
    pool: '2001:db8::fff0/124',
    first: '2001:db8::fff1',
    last: '2001:db8::ffff',
    count: 15,
  },
  { name: 'octets carry', pool: '10.0.0.0/22', first: '10.0.0.1', last: '10.0.3.254', count: 1022 },
  {
    name: 'two addresses are both used',
    pool: '10.0.0.2/31',
    first: '10.0.0.2',
    last: '10.0.0.3',
    count: 2,
  },
  {
    name: 'one address is used',
    pool: '2001:db8::1/128',
    first: '2001:db8::1',
    last: '2001:db8::1',
    count: 1,
  },
  {
    name: "Istio's IPv4 pool",
    pool: '240.240.0.0/16',
    first: '240.240.0.1',
    last: '240.240.255.254',
    count: 65_534,
  },
  { name: "Istio's IPv6 pool", pool: '2001:2::/48', first: '2001:2::1', count: 2 ** 80 },
]

describe('usableAddresses', () => {
  for (const { name, pool: text, first, last, count } of cases) {
    it(name, () => {
      const pool = parsePrefix(text)
      assert.equal(
        usableAddresses(pool, new AddressSet({ v4: pool, v6: pool })).next().value,
        first,
      )
      assert.equal(usableCount(pool), count)
      if (last === undefined) return
      const all = [...usableAddresses(pool, new AddressSet({ v4: pool, v6: pool }))]
      assert.equal(all.at(-1), last)
      assert.equal(new Set(all).size, count)
    })
  }
})

describe('createUsableTest', () => {
  const isUsable = createUsableTest(parsePrefix('10.0.0.16/28'))

  for (const { address, want } of [
    { address: '10.0.0.15', want: false },
    { address: '10.0.0.16', want: false },
    { address: '10.0.0.17', want: true },
    { address: '10.0.0.30', want: true },
    { address: '10.0.0.31', want: false },
    { address: '::a00:11', want: false },
  ]) {
    it(`${address} is ${want ? '' : 'not '}one of 10.0.0.16/28`, () => {
      assert.equal(isUsable(parseIp(address)), want)
    })
  }
})
