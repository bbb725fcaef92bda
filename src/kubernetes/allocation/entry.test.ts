import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { readEntry } from './entry.ts'

const metadata = { namespace: 'shop', name: 'a' }
const many = (count: number, make: (at: number) => string) =>
  Array.from({ length: count }, (_, at) => make(at))

describe('readEntry', () => {
  it('has nothing of hosts that are too many: the entry is refused anyway', () => {
    const hostsOf = (count: number) =>
      readEntry({
        metadata,
        spec: { hosts: many(count, (at) => `h${at}.test`), resolution: 'DNS' },
      })
    assert.equal(hostsOf(256)?.wanted.size, 256)
    assert.equal(hostsOf(257)?.wanted.size, 0)
  })

  it('gives no address beside addresses that are too many', () => {
    const addresses = many(257, (at) => `10.0.${at >> 8}.${at & 255}`)
    const entry = readEntry({ metadata, spec: { hosts: ['a.test'], resolution: 'DNS', addresses } })
    assert.deepEqual([entry?.wanted.size, entry?.addresses.length], [0, 0])
  })
})
