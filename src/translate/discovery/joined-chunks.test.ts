import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { hostname } from '../../testing/mesh.ts'
import { JoinedChunks } from './joined-chunks.ts'

const step = fc.record({
  host: fc.nat(30).map((number) => hostname(`h${number}.test`)),
  octet: fc.nat(255),
  isLast: fc.boolean(),
  stays: fc.boolean(),
})

describe('JoinedChunks', () => {
  it('hold what was set last for each host, the last ones behind the others', () => {
    fc.assert(
      fc.property(fc.array(step), (steps) => {
        const joined = new JoinedChunks()
        const want = new Map<string, { readonly octet: number; readonly isLast: boolean }>()
        for (const { host, octet, isLast, stays } of steps) {
          joined.set(host, stays ? { octets: Uint8Array.of(octet), isLast } : undefined)
          if (stays) want.set(host, { octet, isLast })
          else want.delete(host)
          joined.join()
        }
        const octets = [...joined.join()]
        const first = [...want.values()].filter(({ isLast }) => !isLast)
        const sorted = (list: readonly number[]) => list.toSorted((a, b) => a - b)
        assert.deepEqual(
          sorted(octets.slice(0, first.length)),
          sorted(first.map(({ octet }) => octet)),
        )
        assert.equal(octets.length, want.size)
        const last = [...want.values()].filter(({ isLast }) => isLast)
        assert.deepEqual(sorted(octets.slice(first.length)), sorted(last.map(({ octet }) => octet)))
      }),
    )
  })
})
