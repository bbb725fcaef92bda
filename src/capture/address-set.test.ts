import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { ipFromOctets } from '../ip/address.ts'
import { contains, formatPrefix, type Prefix, parsePrefix } from '../ip/prefix.ts'
import { diffSets, normalizePrefixes } from './address-set.ts'

const prefixes = (...texts: readonly string[]) => texts.map(parsePrefix)

/** Few distinct bits, so that ranges often hold one another. */
const arbitraryPrefix = fc
  .tuple(fc.constantFrom(4, 16), fc.nat(3), fc.nat(3), fc.integer({ min: 0, max: 32 }))
  .map(([size, first, last, length]): Prefix => {
    const octets = new Uint8Array(size)
    octets[0] = first * 64
    octets[3] = last
    return parsePrefix(`${ipFromOctets(octets)}/${length}`)
  })
const arbitrarySet = fc.array(arbitraryPrefix, { maxLength: 12 })

describe('normalizePrefixes', () => {
  it('leaves out what others hold, and sorts', () => {
    const given = prefixes('198.51.100.7/32', '2001:db8::/32', '198.51.100.0/24', '10.0.0.1/32')
    assert.deepEqual(normalizePrefixes(given).map(formatPrefix), [
      '10.0.0.1/32',
      '198.51.100.0/24',
      '2001:db8::/32',
    ])
  })

  it('holds the same addresses, none twice, in any order', () => {
    fc.assert(
      fc.property(arbitrarySet, (given) => {
        const kept = normalizePrefixes(given)
        for (const prefix of given) {
          const holders = kept.filter((other) => contains(other, prefix.network))
          assert.equal(holders.length, 1)
          assert.ok((holders[0]?.length ?? 129) <= prefix.length)
        }
        assert.deepEqual(normalizePrefixes([...given].reverse()), kept)
        assert.deepEqual(normalizePrefixes(kept), kept)
      }),
    )
  })
})

describe('diffSets', () => {
  it('leads from one set to the other', () => {
    fc.assert(
      fc.property(arbitrarySet, arbitrarySet, (one, other) => {
        const [before, after] = [normalizePrefixes(one), normalizePrefixes(other)]
        const { gone, added } = diffSets(before, after)
        const left = new Set(before.map(formatPrefix))
        for (const prefix of gone) assert.ok(left.delete(formatPrefix(prefix)))
        for (const prefix of added) left.add(formatPrefix(prefix))
        assert.deepEqual(left, new Set(after.map(formatPrefix)))
        assert.equal(gone.length + added.length, 2 * added.length + before.length - after.length)
      }),
    )
  })
})
