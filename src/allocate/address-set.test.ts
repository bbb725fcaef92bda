import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { type IpAddress, parseIp } from '../ip/address.ts'
import { addressAt, contains, type Prefix, parsePrefix } from '../ip/prefix.ts'
import { AddressSet } from './address-set.ts'

const pools = { v4: parsePrefix('10.9.0.0/28'), v6: parsePrefix('2001:2::/48') }

/** In the pools, at their edges, beyond what has a bit, and elsewhere. */
const texts = [
  '10.9.0.0',
  '10.9.0.1',
  '10.9.0.14',
  '10.9.0.15',
  '10.9.0.16',
  '10.8.255.255',
  '192.0.2.1',
  '2001:2::',
  '2001:2::1',
  '2001:2::20',
  '2001:2::1:0',
  '2001:2::3f:ffff',
  '2001:2::40:0',
  '2001:2:0:1::1',
  '2001:2:1::1',
  '2001:1:ffff::',
  '::1',
  'fd00::1',
]

describe('AddressSet', () => {
  it('has what was added and not deleted, wherever it lies, and tells what was there already', () => {
    const address = fc.constantFrom(...texts.map(parseIp))
    fc.assert(
      fc.property(fc.array(fc.tuple(address, fc.boolean())), (steps) => {
        const set = new AddressSet(pools)
        const model = new Set<IpAddress>()
        for (const [one, isAdded] of steps) {
          if (isAdded) assert.equal(set.add(one), !model.has(one))
          else set.delete(one)
          if (isAdded) model.add(one)
          else model.delete(one)
        }
        for (const one of texts.map(parseIp)) assert.equal(set.has(one), model.has(one), one)
      }),
    )
  })

  it('names what is missing of a pool, lowest first', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.nat(15)), (offsets) => {
        const set = new AddressSet(pools)
        for (const offset of offsets) set.add(addressAt(pools.v4, BigInt(offset)))
        const all = Array.from({ length: 14 }, (_, at) => at + 1)
        const want = all.filter((offset) => !offsets.includes(offset))
        const missing = [...set.missing(4, 1, 14)]
        assert.deepEqual(
          missing,
          want.map((offset) => addressAt(pools.v4, BigInt(offset))),
        )
      }),
    )
  })

  it('goes on behind what has a bit', () => {
    const small: Prefix = parsePrefix('2001:2::/96')
    const set = new AddressSet({ ...pools, v6: small })
    for (const offset of [0, 1, 2]) set.add(addressAt(small, BigInt(2 ** 22 + offset)))
    const next = set.missing(6, 2 ** 22, 10).next().value
    assert.ok(next !== undefined && contains(small, next))
    assert.equal(next, '2001:2::40:3')
  })
})
