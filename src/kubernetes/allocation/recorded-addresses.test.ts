import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import * as fc from 'fast-check'
import type { Ledger } from '../../allocate/ledger.ts'
import { type IpAddress, parseIp } from '../../ip/address.ts'
import type { VirtualOwner } from '../../registry/virtual-addresses.ts'
import { markOf, parseRanges } from './address-ranges.ts'
import { RecordedAddresses } from './recorded-addresses.ts'

const owner = fc.nat(6).map((at) => `default/h${at}.io` as VirtualOwner)
const use = fc.constantFrom('held' as const, 'resting' as const)
const address = fc.nat(12).map((at) => parseIp(`240.240.0.${at + 1}`))

/** Any ledger in which no address is with two; owners hold one at most. */
const ledgers: fc.Arbitrary<Ledger> = fc
  .uniqueArray(fc.tuple(address, owner, use), { selector: ([one]) => one })
  .map((all) => ({
    held: new Map(all.flatMap(([v4, by, how]) => (how === 'held' ? [[by, { v4 }]] : []))),
    resting: new Map(
      all.flatMap(([one, by, how]) => (how === 'held' ? [] : [[one, { owner: by, untilMs: 1 }]])),
    ),
  }))

describe('RecordedAddresses', () => {
  it('say who has what now, whatever they said before', () => {
    fc.assert(
      fc.property(fc.array(ledgers), (course) => {
        const recorded = new RecordedAddresses()
        for (const ledger of course) {
          const { given } = recorded.next({ ledger, pending: () => [] }, 1)
          const want = new Map<IpAddress, number>()
          for (const [one, rest] of ledger.resting) want.set(one, markOf(rest.owner))
          for (const [by, { v4 }] of ledger.held) if (v4) want.set(v4, markOf(by))
          assert.deepEqual(new Map(parseRanges(given.format(100_000))), want)
        }
      }),
    )
  })
})
