import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import * as fc from 'fast-check'
import { type IpAddress, parseIp } from '../ip/address.ts'
import { parsePrefix } from '../ip/prefix.ts'
import type { VirtualOwner } from '../registry/virtual-addresses.ts'
import { allocate } from './allocate.ts'
import { emptyLedger, type Ledger, type RestingAddress } from './ledger.ts'
import { Turnover } from './turnover.ts'
import type { WantedOwner } from './wanted.ts'

const pools = { v4: parsePrefix('10.0.0.0/27'), v6: parsePrefix('fd00::/122') }
const restMs = 1_000

const owner = (at: number) => `default/h${at}.io` as VirtualOwner
const wanted = (at: number): WantedOwner => ({ owner: owner(at), createdAt: at % 5 })
const address = (at: number) => parseIp(at % 2 === 0 ? `10.0.0.${at}` : `fd00::${at}`)
const nobody = 'default/gone.io' as VirtualOwner

function restingOf(addresses: readonly number[], by: VirtualOwner, untilMs = restMs) {
  return new Map<IpAddress, RestingAddress>(
    addresses.map((at) => [address(at), { owner: by, untilMs }]),
  )
}

const request = (ledger: Ledger, explicit: readonly number[] = []) => ({
  ledger,
  explicit: new Map(explicit.map((at) => [address(at), nobody] as const)),
  wallMs: 0,
})

describe('hosts that just came', () => {
  it('get what they would get if all were looked at', () => {
    const groups = fc.array(fc.uniqueArray(fc.nat(40), { maxLength: 6 }), { maxLength: 8 })
    const some = fc.uniqueArray(fc.nat(20), { maxLength: 6 })
    fc.assert(
      fc.property(groups, some, some, (arrivals, claimed, resting) => {
        const turnover = new Turnover(pools)
        let ledger: Ledger = { held: new Map(), resting: restingOf(resting, nobody) }
        const all: WantedOwner[] = []
        for (const arrival of arrivals) {
          const arrived = arrival.map(wanted).filter((one) => !ledger.held.has(one.owner))
          all.push(...arrived)
          const facts = request(ledger, claimed)
          const welcomed = turnover.welcome(arrived, facts)
          const { ledger: whole, exhausted } = allocate({ ...facts, pools, restMs, wanted: all })
          if (welcomed) {
            assert.deepEqual(welcomed.held, whole.held)
            assert.equal(welcomed.resting, ledger.resting)
          } else assert.ok(exhausted.length > 0)
          ledger = welcomed ?? whole
        }
      }),
    )
  })

  const whole: readonly { readonly name: string; readonly ledger: Ledger }[] = [
    {
      name: 'one of them holds an address',
      ledger: { ...emptyLedger, held: new Map([[owner(1), { v4: address(2), v6: address(3) }]]) },
    },
    {
      name: 'one of them was here before',
      ledger: { ...emptyLedger, resting: restingOf([8], owner(1)) },
    },
    {
      name: 'the address that is next has rested enough',
      ledger: { ...emptyLedger, resting: restingOf([1], nobody, 0) },
    },
  ]
  for (const { name, ledger } of whole) {
    it(`must wait until all are looked at where ${name}`, () => {
      const turnover = new Turnover(pools)
      assert.equal(turnover.welcome([wanted(1)], request(ledger)), undefined)
      const after = turnover.welcome([wanted(2)], request(emptyLedger))
      assert.deepEqual(after?.held.get(owner(2)), { v4: '10.0.0.1', v6: 'fd00::1' })
    })
  }

  it('do not get what somebody else was given meanwhile', () => {
    const turnover = new Turnover(pools)
    const before = turnover.welcome([wanted(1)], request(emptyLedger))
    assert.ok(before)
    const pair = { v4: address(2), v6: parseIp('fd00::2') }
    const ledger = { ...before, held: new Map(before.held).set(owner(2), pair) }
    const after = turnover.welcome([wanted(3)], request(ledger))
    assert.deepEqual(after?.held.get(owner(3)), { v4: '10.0.0.3', v6: 'fd00::3' })
  })

  it('do not get what was taken on the way to nothing', () => {
    const tiny = { v4: parsePrefix('10.0.0.0/30'), v6: pools.v6 }
    const turnover = new Turnover(tiny)
    const facts = request(emptyLedger)
    assert.equal(turnover.welcome([1, 2, 3].map(wanted), facts), undefined)
    const after = turnover.welcome([wanted(4)], facts)
    assert.deepEqual(after?.held.get(owner(4)), { v4: '10.0.0.1', v6: 'fd00::1' })
  })
})

describe('hosts that just went', () => {
  it('and those that came leave things as if all were looked at', () => {
    const groups = fc.array(fc.uniqueArray(fc.nat(20), { maxLength: 6 }), { maxLength: 12 })
    fc.assert(
      fc.property(groups, fc.uniqueArray(fc.nat(20), { maxLength: 6 }), (steps, claimed) => {
        const turnover = new Turnover(pools)
        let ledger: Ledger = emptyLedger
        let present: readonly WantedOwner[] = []
        let wallMs = 0
        for (const changed of steps) {
          wallMs += restMs / 4
          const owners = new Set(changed.map(owner))
          const left = present.filter((one) => owners.has(one.owner)).map((one) => one.owner)
          const come = changed.map(wanted).filter((one) => !left.includes(one.owner))
          present = [...present.filter((one) => !owners.has(one.owner)), ...come]
          const facts = { ...request(ledger, claimed), wallMs, restMs }
          const whole = allocate({ ...facts, pools, wanted: present }).ledger
          const rest = left.length === 0 ? ledger : turnover.dismiss(left, facts)
          const after = rest && turnover.welcome(come, { ...facts, ledger: rest })
          const stillRests = [...(after?.resting ?? [])].filter((one) => one[1].untilMs > wallMs)
          if (after) assert.deepEqual({ held: after.held, resting: new Map(stillRests) }, whole)
          ledger = after ?? whole
        }
      }),
    )
  })

  const pair = { v4: address(2), v6: address(3) }
  const held = new Map([[owner(1), pair]])

  it('leave their addresses to rest, whatever they held, and others keep theirs', () => {
    const other = { v6: address(5) }
    const ledger = { held: new Map([...held, [owner(2), other]]), resting: new Map() }
    const after = new Turnover(pools).dismiss([owner(1)], { ledger, wallMs: 5, restMs })
    assert.deepEqual(after, {
      held: new Map([[owner(2), other]]),
      resting: restingOf([2, 3], owner(1), 5 + restMs),
    })
  })

  const whole: readonly { readonly name: string; readonly ledger: Ledger }[] = [
    { name: 'one of them holds nothing', ledger: emptyLedger },
    { name: 'a rest has ended', ledger: { held, resting: restingOf([4], nobody, 0) } },
    {
      name: 'the clock was set back',
      ledger: { held, resting: restingOf([4], nobody, restMs + 1) },
    },
  ]
  for (const { name, ledger } of whole) {
    it(`must wait until all are looked at where ${name}`, () => {
      const facts = { ledger, wallMs: 0, restMs }
      assert.equal(new Turnover(pools).dismiss([owner(1)], facts), undefined)
    })
  }
})
