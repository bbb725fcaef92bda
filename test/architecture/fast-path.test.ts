import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { nameRecord } from '../../src/testing/name-records.ts'
import { queryOctets, ResolverRig } from '../../src/testing/resolver-rig.ts'

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

/** How often the work is done: seldom enough that nothing is collected in between. */
const rounds = 4_000

/** Octets by which the heap grows each time that `work` is done; the least of a few tries, as others allocate too. */
function grownBy(work: () => void): number {
  for (let round = 0; round < 20_000; round += 1) work()
  return Math.min(...Array.from({ length: 5 }, () => grownOnce(work)))
}

function grownOnce(work: () => void): number {
  collectGarbage()
  const before = process.memoryUsage().heapUsed
  for (let round = 0; round < rounds; round += 1) work()
  return (process.memoryUsage().heapUsed - before) / rounds
}

describe('the fast path', () => {
  const addresses = Array.from({ length: 5 }, (_, at) => `10.0.0.${at + 1}`)
  const rig = new ResolverRig({ hosts: [nameRecord('auto.internal', addresses)] })
  const out = new Uint8Array(4_096)

  for (const [name, edns] of [
    ['without EDNS', {}],
    ['with EDNS', { edns: { udpPayloadOctets: 1232 } }],
  ] as const) {
    it(`answers ${name} without allocating`, () => {
      rig.answer('auto.internal. A', edns)
      const query = queryOctets('AUTO.internal. A', edns)
      const answer = () => rig.resolver.answer(query, query.length, out, 'udp')
      assert.ok(answer() > 0)
      const grown = grownBy(answer)
      assert.ok(grown < 8, `${grown} octets an answer`)
    })
  }

  it('is measured by something that sees an allocation', () => {
    const kept: Uint8Array[] = [out]
    const grown = grownBy(() => {
      kept[0] = new Uint8Array(1)
    })
    assert.ok(grown > 50, `${grown} octets an array`)
  })
})
