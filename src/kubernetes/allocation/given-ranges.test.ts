import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import * as fc from 'fast-check'
import { type IpAddress, parseIp } from '../../ip/address.ts'
import type { VirtualOwner } from '../../registry/virtual-addresses.ts'
import { formatRanges, markOf, parseRanges } from './address-ranges.ts'
import { GivenRanges } from './given-ranges.ts'

const addresses = fc.oneof(
  fc.nat(600).map((at) => parseIp(`240.240.${at >> 8}.${at & 255}`)),
  fc.nat(600).map((at) => parseIp(`2001:2::${at.toString(16)}`)),
)
const owners = fc.constantFrom('a/x.io', 'b/y.io', 'c/z.io').map((text) => text as VirtualOwner)
const states = fc.array(fc.tuple(addresses, owners)).map((pairs) => new Map(pairs))

const marked = (state: ReadonlyMap<IpAddress, VirtualOwner>) =>
  [...state].map(([address, owner]) => [address, markOf(owner)] as const)

function take(
  given: GivenRanges,
  state: ReadonlyMap<IpAddress, VirtualOwner>,
  before: ReadonlyMap<IpAddress, VirtualOwner> = new Map(),
): void {
  for (const address of before.keys()) if (!state.has(address)) given.delete(address)
  for (const [address, owner] of state) given.set(address, owner)
}

describe('GivenRanges', () => {
  it('says what it took last, whatever it took before', () => {
    fc.assert(
      fc.property(fc.array(states), (course) => {
        const given = new GivenRanges()
        for (const [at, state] of course.entries()) {
          take(given, state, course[at - 1])
          const said = [...parseRanges(given.format(100_000))]
          assert.deepEqual(new Map(said), new Map(marked(state)))
          assert.equal(said.length, state.size)
        }
      }),
    )
  })

  it('says it in fewer words where there is no room', () => {
    const state = new Map(
      Array.from({ length: 600 }, (_, at) => [
        parseIp(`240.240.${at >> 8}.${at & 255}`),
        `default/h${at}.io` as VirtualOwner,
      ]),
    )
    const given = new GivenRanges()
    take(given, state)
    assert.ok(given.format(4_000).length > 2_400)
    assert.equal(given.format(1_000), formatRanges(marked(state), 1_000))
  })
})
