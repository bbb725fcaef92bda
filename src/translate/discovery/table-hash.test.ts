import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { TableHash } from './table-hash.ts'

type Entry = readonly [name: string, version: string]

function hashOf(entries: readonly Entry[]): string {
  const table = new TableHash()
  for (const [name, version] of entries) table.add(name, version)
  return table.toString()
}

const entries = fc.array(fc.tuple(fc.string(), fc.string()))

describe('TableHash', () => {
  it('is zero for an empty table', () => {
    assert.equal(hashOf([]), '0000000000000000')
  })

  it('is the beginning of SHA-256 for one resource', () => {
    const digest = createHash('sha256').update('ns1/a.test\0v1').digest('hex')
    assert.equal(hashOf([['ns1/a.test', 'v1']]), digest.slice(0, 16))
  })

  it('does not depend on the order', () => {
    fc.assert(
      fc.property(entries, (given) => {
        assert.equal(hashOf(given), hashOf(given.toReversed()))
      }),
    )
  })

  it('forgets what was removed', () => {
    fc.assert(
      fc.property(entries, entries, (kept, gone) => {
        const table = new TableHash()
        for (const [name, version] of [...gone, ...kept]) table.add(name, version)
        for (const [name, version] of gone) table.remove(name, version)
        assert.equal(table.toString(), hashOf(kept))
      }),
    )
  })

  it('tells names from versions', () => {
    assert.notEqual(hashOf([['ab', 'c']]), hashOf([['a', 'bc']]))
  })
})
