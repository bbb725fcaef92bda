import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import * as fc from 'fast-check'
import { type IpAddress, parseIp } from '../ip/address.ts'
import { addressAt, type Prefix, parsePrefix } from '../ip/prefix.ts'
import type { VirtualOwner, VirtualPair } from '../registry/virtual-addresses.ts'
import { allocate } from './allocate.ts'
import type { Allocation, AllocationRequest, Pools } from './allocation.ts'
import { emptyLedger, type Ledger } from './ledger.ts'

const restMs = 100

/** Small pools, so that they run out, and a second pair that part of the steps changes to. */
const smallPools: readonly [Pools, Pools] = [
  { v4: parsePrefix('10.0.0.0/28'), v6: parsePrefix('fd00::/124') },
  { v4: parsePrefix('10.0.0.8/29'), v6: parsePrefix('fd00:1::/124') },
]

interface Step {
  readonly hosts: readonly number[]
  readonly claimed: readonly number[]
  readonly passMs: number
  readonly other: boolean
}

const step: fc.Arbitrary<Step> = fc.record({
  hosts: fc.uniqueArray(fc.nat(24), { maxLength: 20 }),
  claimed: fc.uniqueArray(fc.nat(15), { maxLength: 3 }),
  passMs: fc.nat(150),
  other: fc.boolean(),
})

describe('allocate, through any history', () => {
  it('never lets two hosts share an address', () => {
    always(({ after }) => {
      const addresses = addressesOf(after.ledger)
      assert.equal(new Set(addresses).size, addresses.length)
    })
  })

  it('never moves a host that stays, unless a user takes one of its addresses', () => {
    always(({ request, after }) => {
      for (const { owner } of request.wanted) {
        const before = request.ledger.held.get(owner)
        const now = after.ledger.held.get(owner)
        for (const family of ['v4', 'v6'] as const) {
          const address = before?.[family]
          if (address === undefined || isClaimed(before, request)) continue
          assert.equal(now?.[family], address)
        }
      }
    })
  })

  it('never gives out an address that a user claims', () => {
    always(({ request, after }) => {
      assert.ok(addressesOf(after.ledger).every((address) => !request.explicit.has(address)))
    })
  })

  it('never gives a resting address to anybody but the host that had it', () => {
    always(({ request, after }) => {
      for (const [owner, { v4, v6 }] of after.ledger.held) {
        for (const address of [v4, v6]) {
          const rest = address && request.ledger.resting.get(address)
          if (rest && rest.untilMs > request.wallMs) assert.equal(rest.owner, owner)
        }
      }
    })
  })

  it('lets every address that lost its host rest', () => {
    always(({ request, after }) => {
      const now = new Set(addressesOf(after.ledger))
      for (const address of addressesOf(request.ledger)) {
        assert.ok(now.has(address) || after.ledger.resting.has(address), address)
      }
    })
  })

  it('lets nobody wait while a free address is left', () => {
    always(({ request, after }) => {
      const taken = new Set([
        ...addressesOf(after.ledger),
        ...after.ledger.resting.keys(),
        ...request.explicit.keys(),
      ])
      const free = (pool: Prefix, from: number, to: number) =>
        range(from, to).some((at) => !taken.has(addressAt(pool, BigInt(at))))
      const size = request.pools === smallPools[0] ? 16 : 8
      for (const { family } of after.exhausted) {
        const { v4, v6 } = request.pools
        assert.ok(family === 4 ? !free(v4, 1, size - 2) : !free(v6, 1, 15))
      }
      const waiting = after.exhausted.map(({ owner, family }) => `${owner} ${family}`)
      const missing = request.wanted.flatMap(({ owner }) => {
        const pair = after.ledger.held.get(owner)
        return [...(pair?.v4 ? [] : [`${owner} 4`]), ...(pair?.v6 ? [] : [`${owner} 6`])]
      })
      assert.deepEqual(waiting.sort(), missing.sort())
    })
  })

  it('does not depend on the order in which hosts, claims and the ledger come', () => {
    always(({ request, after }) => {
      const turned = allocate({
        ...request,
        wanted: request.wanted.toReversed(),
        explicit: new Map([...request.explicit].reverse()),
        ledger: {
          held: new Map([...request.ledger.held].reverse()),
          resting: new Map([...request.ledger.resting].reverse()),
        },
      })
      assert.deepEqual(sorted(turned.ledger), sorted(after.ledger))
      assert.deepEqual(turned.exhausted, after.exhausted)
    })
  })

  it('comes to rest: the same request again changes nothing', () => {
    always(({ request, after }) => {
      const again = allocate({ ...request, ledger: after.ledger })
      assert.equal(again.changed, false)
      assert.equal(again.ledger, after.ledger)
      assert.deepEqual(again.moved, [])
    })
  })
})

function isClaimed(pair: VirtualPair | undefined, { explicit }: AllocationRequest): boolean {
  return [pair?.v4, pair?.v6].some((address) => address !== undefined && explicit.has(address))
}

interface Moment {
  readonly request: AllocationRequest
  readonly after: Allocation
}

/** Plays random histories from an empty ledger and checks every moment of them. */
function always(check: (moment: Moment) => void): void {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 8 }), (steps) => {
      let ledger: Ledger = emptyLedger
      let wallMs = 0
      for (const one of steps) {
        wallMs += one.passMs
        const request = requestOf(one, ledger, wallMs)
        const after = allocate(request)
        check({ request, after })
        ledger = after.ledger
      }
    }),
  )
}

function requestOf(one: Step, ledger: Ledger, wallMs: number): AllocationRequest {
  const wanted = one.hosts.map((host) => ({ owner: `h${host}` as VirtualOwner, createdAt: host }))
  const claimed = one.claimed.flatMap((last) => [`10.0.0.${last}`, `fd00::${last.toString(16)}`])
  const explicit = new Map(claimed.map((text) => [parseIp(text), 'mine' as VirtualOwner]))
  return { wanted, ledger, explicit, pools: smallPools[one.other ? 1 : 0], wallMs, restMs }
}

function addressesOf({ held }: Ledger): readonly IpAddress[] {
  return [...held.values()].flatMap(({ v4, v6 }) => [v4, v6]).filter((one) => one !== undefined)
}

function range(from: number, to: number): readonly number[] {
  return Array.from({ length: to - from + 1 }, (_, index) => from + index)
}

function sorted({ held, resting }: Ledger) {
  return {
    held: new Map([...held].toSorted(byKey)),
    resting: new Map([...resting].toSorted(byKey)),
  }
}

function byKey([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return a < b ? -1 : 1
}
