import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { parseIp } from '../ip/address.ts'
import { parsePrefix } from '../ip/prefix.ts'
import type { VirtualOwner } from '../registry/virtual-addresses.ts'
import { allocate } from './allocate.ts'
import type { Allocation, AllocationRequest } from './allocation.ts'
import { emptyLedger } from './ledger.ts'

const pools = { v4: parsePrefix('240.240.0.0/16'), v6: parsePrefix('2001:2::/48') }
const restMs = 600_000

describe('allocate', () => {
  it('starts with 240.240.0.1 and 2001:2::1, in order of creation', () => {
    assert.deepEqual(held(run('a b c')), {
      a: '240.240.0.1 2001:2::1',
      b: '240.240.0.2 2001:2::2',
      c: '240.240.0.3 2001:2::3',
    })
  })

  it('serves the oldest first, in whatever order they come', () => {
    const wanted = [wantedAt('young', 2), wantedAt('old', 1)]
    assert.deepEqual(held(run('', { wanted })), {
      old: '240.240.0.1 2001:2::1',
      young: '240.240.0.2 2001:2::2',
    })
  })

  it('changes nothing when nothing changed, and says so', () => {
    const { ledger } = run('a b')
    const again = run('a b', { ledger, wallMs: 999 })
    assert.equal(again.changed, false)
    assert.equal(again.ledger, ledger)
  })

  it('lets survivors keep what they hold when an elder host is added', () => {
    const { ledger } = run('b')
    const wanted = [wantedAt('b', 5), wantedAt('a', 1)]
    assert.deepEqual(held(run('', { wanted, ledger })), {
      a: '240.240.0.2 2001:2::2',
      b: '240.240.0.1 2001:2::1',
    })
  })

  it('keeps addresses of an earlier pool, and gives new hosts those of the new one', () => {
    const { ledger } = run('a')
    const changed = { v4: parsePrefix('10.99.0.0/16'), v6: parsePrefix('fd00:99::/64') }
    assert.deepEqual(held(run('a b', { ledger, pools: changed })), {
      a: '240.240.0.1 2001:2::1',
      b: '10.99.0.1 fd00:99::1',
    })
  })

  it('never gives out an address that a user gave to a service', () => {
    const explicit = claims({ '240.240.0.1': 'mine', '2001:2::2': 'mine' })
    assert.deepEqual(held(run('a b', { explicit })), {
      a: '240.240.0.2 2001:2::1',
      b: '240.240.0.3 2001:2::3',
    })
  })

  it('moves both addresses of a host when a user takes one of them', () => {
    const { ledger } = run('a b')
    const moved = run('a b', { ledger, explicit: claims({ '240.240.0.1': 'mine' }) })
    assert.deepEqual(held(moved), { a: '240.240.0.3 2001:2::3', b: '240.240.0.2 2001:2::2' })
    assert.deepEqual(moved.moved, [
      { owner: 'a', from: '240.240.0.1', to: '240.240.0.3', claimedBy: 'mine' },
      { owner: 'a', from: '2001:2::1', to: '2001:2::3', claimedBy: 'mine' },
    ])
    assert.equal(moved.ledger.resting.get(parseIp('2001:2::1'))?.owner, 'a')
  })

  it('leaves a host its other address when a user takes one and there is no second pair', () => {
    const one = { ...pools, v6: parsePrefix('2001:2::1/128') }
    const { ledger } = run('a', { pools: one })
    const moved = run('a', { ledger, pools: one, explicit: claims({ '240.240.0.1': 'mine' }) })
    assert.deepEqual(held(moved), { a: '240.240.0.2 2001:2::1' })
    assert.deepEqual(
      moved.moved.map(({ from }) => from),
      ['240.240.0.1'],
    )
  })

  it('does not move a host back when the user lets go of the address', () => {
    const first = run('a')
    const explicit = claims({ '240.240.0.1': 'mine' })
    const second = run('a', { ledger: first.ledger, explicit })
    const third = run('a', { ledger: second.ledger, wallMs: restMs })
    assert.deepEqual(held(third), { a: '240.240.0.2 2001:2::2' })
  })

  it('leaves an address with the elder when the ledger gives it to two', () => {
    const pair = { v4: parseIp('240.240.0.7') }
    const ledger = {
      ...emptyLedger,
      held: new Map(
        [
          ['b', pair],
          ['a', pair],
        ].map(asHeld),
      ),
    }
    const result = run('a b', { ledger })
    assert.deepEqual(held(result), { a: '240.240.0.7 2001:2::1', b: '240.240.0.1 2001:2::2' })
    assert.deepEqual(result.moved, [
      { owner: 'b', from: '240.240.0.7', to: '240.240.0.1', claimedBy: 'a' },
    ])
  })
})

describe('rest of freed addresses', () => {
  it('keeps a freed address from others until its time is over', () => {
    const { ledger } = run('a b')
    const freed = run('b', { ledger, wallMs: 1_000 })
    const during = run('b c', { ledger: freed.ledger, wallMs: 1_000 + restMs - 1 })
    assert.equal(held(during)['c'], '240.240.0.3 2001:2::3')
    const after = run('b c', { ledger: freed.ledger, wallMs: 1_000 + restMs })
    assert.equal(held(after)['c'], '240.240.0.1 2001:2::1')
    assert.equal(after.ledger.resting.size, 0)
  })

  it('gives a host that comes back its address, as nobody else can be meant by it', () => {
    const { ledger } = run('a b')
    const freed = run('b', { ledger })
    const back = run('c b a', { ledger: freed.ledger, wallMs: 5 })
    assert.equal(held(back)['a'], '240.240.0.1 2001:2::1')
    assert.equal(held(back)['c'], '240.240.0.3 2001:2::3')
    assert.equal(back.ledger.resting.size, 0)
  })

  it('does not give a host back what a user took meanwhile', () => {
    const { ledger } = run('', { ledger: run('a').ledger })
    const explicit = claims({ '240.240.0.1': 'mine' })
    assert.deepEqual(held(run('a', { ledger, explicit })), { a: '240.240.0.2 2001:2::1' })
  })

  it('shortens a rest that lies too far ahead, because the clock was set back', () => {
    const { ledger } = run('', { ledger: run('a').ledger, wallMs: 1_000_000_000 })
    const later = run('', { ledger, wallMs: 0 })
    assert.equal(later.ledger.resting.get(parseIp('240.240.0.1'))?.untilMs, restMs)
  })
})

describe('a pool that runs out', () => {
  const small = { ...pools, v4: parsePrefix('10.9.0.0/28') }
  const twenty = Array.from({ length: 20 }, (_, index) => `h${index + 10}`)

  it('gives 14 of 20 hosts an IPv4 address from a /28, and all of them an IPv6 one', () => {
    const result = run(twenty.join(' '), { pools: small })
    const pairs = [...result.ledger.held.values()]
    assert.equal(pairs.filter(({ v4 }) => v4).length, 14)
    assert.equal(pairs.filter(({ v6 }) => v6).length, 20)
    const waiting = twenty.slice(14).map((owner) => ({ owner, family: 4 }))
    assert.deepEqual(result.exhausted, waiting)
  })

  it('lets the waiting hosts wait for the rest of freed addresses, then gives them these', () => {
    const { ledger } = run(twenty.join(' '), { pools: small })
    const left = twenty.slice(10).join(' ')
    const waiting = run(left, { ledger, pools: small, wallMs: 50 })
    assert.deepEqual(waiting.exhausted[0], { owner: 'h24', family: 4, freeAtMs: 50 + restMs })
    assert.equal(waiting.exhausted.length, 6)
    const after = run(left, { ledger: waiting.ledger, pools: small, wallMs: 50 + restMs })
    assert.deepEqual(after.exhausted, [])
    assert.equal(held(after)['h24'], '10.9.0.1 2001:2::f')
    assert.equal(held(after)['h20'], '10.9.0.11 2001:2::b', 'survivors stay')
  })

  it('says nothing of a time when none will come free', () => {
    const { exhausted } = run(twenty.join(' '), { pools: small })
    assert.ok(exhausted.every((one) => !('freeAtMs' in one)))
  })

  it('does not leave a host with an address that a user took when there is no other', () => {
    const one = { ...pools, v4: parsePrefix('10.9.0.1/32') }
    const { ledger } = run('a', { pools: one })
    const explicit = claims({ '10.9.0.1': 'mine' })
    const result = run('a', { ledger, pools: one, explicit })
    assert.deepEqual(result.ledger.held.get('a' as VirtualOwner), { v6: '2001:2::2' })
    assert.deepEqual(result.moved[0], { owner: 'a', from: '10.9.0.1', claimedBy: 'mine' })
  })
})

function run(owners: string, fields: Partial<AllocationRequest> = {}): Allocation {
  const wanted = owners
    .split(' ')
    .filter(Boolean)
    .map((owner) => wantedAt(owner, 0))
  const explicit = new Map()
  return allocate({ wanted, ledger: emptyLedger, explicit, pools, wallMs: 0, restMs, ...fields })
}

function wantedAt(owner: string, createdAt: number) {
  return { owner: owner as VirtualOwner, createdAt }
}

function asHeld([owner, pair]: readonly unknown[]) {
  return [owner as VirtualOwner, pair as object] as const
}

function claims(byAddress: Readonly<Record<string, string>>): AllocationRequest['explicit'] {
  return new Map(
    Object.entries(byAddress).map(([text, owner]) => [parseIp(text), owner as VirtualOwner]),
  )
}

function held({ ledger }: Allocation): Record<string, string> {
  const pairs = [...ledger.held].map(([owner, { v4, v6 }]) => [owner, `${v4} ${v6}`])
  return Object.fromEntries(pairs)
}
