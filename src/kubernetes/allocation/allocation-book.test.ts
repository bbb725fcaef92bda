import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import * as fc from 'fast-check'
import { emptyLedger } from '../../allocate/ledger.ts'
import type { IpAddress } from '../../ip/address.ts'
import { parsePrefix } from '../../ip/prefix.ts'
import {
  splitOwner,
  type VirtualOwner,
  type VirtualPair,
} from '../../registry/virtual-addresses.ts'
import { hostname } from '../../testing/mesh.ts'
import { markOf, parseRanges } from './address-ranges.ts'
import { AllocationBook } from './allocation-book.ts'
import { type AllocationEntry, readEntry } from './entry.ts'
import { EntryTable } from './entry-table.ts'
import { RecordedAddresses } from './recorded-addresses.ts'
import { addressesOf, standingPairs } from './standing-ledger.ts'

const restMs = 5
const options = {
  pools: { v4: parsePrefix('10.0.0.0/28'), v6: parsePrefix('fd00::/124') },
  restMs,
}

/** What happens to one entry. */
type Step =
  | { readonly kind: 'put'; readonly at: number; readonly hosts: readonly number[] }
  | { readonly kind: 'claim'; readonly at: number; readonly address: number }
  | { readonly kind: 'remove'; readonly at: number }
  /** Its status gets what the book says, as far as its hosts hold something. */
  | { readonly kind: 'write'; readonly at: number }

const at = fc.nat(9)
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ kind: fc.constant('put'), at, hosts: fc.uniqueArray(fc.nat(11), { maxLength: 3 }) }),
  fc.record({ kind: fc.constant('claim'), at, address: fc.integer({ min: 1, max: 14 }) }),
  fc.record({ kind: fc.constant('remove'), at }),
  fc.record({ kind: fc.constant('write'), at }),
)

const hostsOf = (numbers: readonly number[]) => numbers.map((one) => `h${one}.io`)

/** A table that steps change, and a book of it. */
function createRig() {
  const table = new EntryTable()
  const book = new AllocationBook(options, table, emptyLedger)
  let version = 100
  const put = (name: number, spec: object, status: object = {}) => {
    version += 1
    const key = `e${name}`
    const entry = readEntry({
      metadata: {
        namespace: 'default',
        name: key,
        uid: key,
        generation: version,
        resourceVersion: `${version}`,
        creationTimestamp: '2026-01-01T00:00:00Z',
      },
      spec: { resolution: 'DNS', ports: [{ name: 'http', number: 80 }], ...spec },
      status,
    })
    table.take({ put: entry ? [entry] : [], gone: [] })
  }
  const statusOf = ({ hosts }: AllocationEntry) => ({
    addresses: [...hosts].flatMap((host) =>
      addressesOf(book.ledger.held.get(`default/${host}` as VirtualOwner) ?? {}).map((value) => ({
        value,
        host,
      })),
    ),
  })
  const take = (one: Step) => {
    const known = table.get(`default/e${one.at}`)
    switch (one.kind) {
      case 'put':
        return put(one.at, { hosts: hostsOf(one.hosts) })
      case 'claim':
        return put(one.at, { hosts: hostsOf([one.at]), addresses: [`10.0.0.${one.address}`] })
      case 'remove':
        return table.take({ put: [], gone: known ? [known] : [] })
      case 'write':
        return known && put(one.at, { hosts: [...known.hosts] }, statusOf(known))
    }
  }
  table.follow(({ hosts }) => {
    for (const host of hosts) book.note(host, version)
  })
  return { table, book, put, take, now: () => version }
}

/** Whether the second says all that the first does. */
const says = (pair: VirtualPair, other: VirtualPair = {}) =>
  (pair.v4 ?? other.v4) === other.v4 && (pair.v6 ?? other.v6) === other.v6

describe('AllocationBook, through any history', () => {
  const always = (check: (rig: ReturnType<typeof createRig>) => void) => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (course) => {
        const rig = createRig()
        for (const one of course) {
          rig.take(one)
          rig.book.allocate(rig.now())
          check(rig)
        }
      }),
    )
  }

  it('knows whose addresses do not stand in the store', () => {
    always(({ table, book }) => {
      const pending = [...book.ledger.held].filter(([owner, pair]) => {
        const stood = standingPairs(table, splitOwner(owner).host).get(owner)
        return !stood || !says(pair, stood)
      })
      assert.deepEqual(new Map(book.pending()), new Map(pending))
    })
  })

  it('gives everybody who wants them addresses that nobody else has, as long as there are some', () => {
    always(({ table, book }) => {
      const { held, resting } = book.ledger
      const all = [...held.values()].flatMap(addressesOf)
      assert.equal(new Set(all).size, all.length)
      assert.ok(all.every((address) => !resting.has(address)))
      for (const { hosts, wanted, namespace } of table.entries().values()) {
        for (const host of hosts) {
          const claims = table.declaring(host).some(({ addresses }) => addresses.length > 0)
          if (!wanted.has(host) || claims || resting.size > 0) continue
          assert.equal(
            addressesOf(held.get(`${namespace}/${host}` as VirtualOwner) ?? {}).length,
            2,
          )
        }
      }
    })
  })

  it('is recorded whole whenever the record is behind', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (course) => {
        const rig = createRig()
        const recorded = new RecordedAddresses()
        for (const one of course) {
          rig.take(one)
          rig.book.allocate(rig.now())
          const { ledger } = rig.book
          if (!recorded.isBehind(ledger)) continue
          const { given } = recorded.next(rig.book, rig.now() + restMs)
          recorded.saved()
          const want = new Map<IpAddress, number>()
          for (const [address, { owner }] of ledger.resting) want.set(address, markOf(owner))
          for (const [owner, pair] of ledger.held) {
            for (const address of addressesOf(pair)) want.set(address, markOf(owner))
          }
          assert.deepEqual(new Map(parseRanges(given.format(100_000))), want)
          assert.equal(recorded.isBehind(ledger), false)
        }
      }),
    )
  })
})

describe('AllocationBook', () => {
  it('does nothing where nothing changed, and looks at those only who came and went, if they are all', () => {
    const { table, book, take, now } = createRig()
    assert.equal(book.allocate(0)?.kind, 'all')
    assert.equal(book.allocate(0), undefined)
    take({ kind: 'put', at: 1, hosts: [1, 2] })
    assert.deepEqual(book.allocate(now()), {
      kind: 'turnover',
      came: 2,
      went: [],
      hosts: new Set([hostname('h1.io'), hostname('h2.io')]),
    })
    take({ kind: 'write', at: 1 })
    assert.equal(book.allocate(now()), undefined)
    const held = [...book.ledger.held.values()]
    take({ kind: 'remove', at: 1 })
    take({ kind: 'put', at: 2, hosts: [3] })
    assert.deepEqual(book.allocate(now()), {
      kind: 'turnover',
      came: 1,
      went: held,
      hosts: new Set([hostname('h1.io'), hostname('h2.io'), hostname('h3.io')]),
    })
    take({ kind: 'put', at: 1, hosts: [1] })
    assert.equal(book.allocate(now())?.kind, 'all', 'it was here before')
    assert.equal(table.entries().size, 2)
  })

  it('looks at all when somebody goes while others wait', () => {
    const { book, take, now } = createRig()
    take({ kind: 'put', at: 1, hosts: Array.from({ length: 15 }, (_, at) => at) })
    take({ kind: 'put', at: 2, hosts: [20] })
    assert.equal(book.allocate(now())?.kind, 'all')
    take({ kind: 'remove', at: 1 })
    const outcome = book.allocate(now())
    assert.ok(outcome?.kind === 'all')
    const [waiting] = outcome.allocation.exhausted
    assert.deepEqual(waiting, { owner: 'default/h20.io', family: 4, freeAtMs: now() + restMs })
  })

  it('lets an address rest that somebody overwrote, and none that stayed', () => {
    const { book, put, take, now } = createRig()
    take({ kind: 'put', at: 1, hosts: [1] })
    book.allocate(now())
    const [{ v4, v6 } = {}] = book.ledger.held.values()
    const addresses = ['10.0.0.9', v6].map((value) => ({ value, host: 'h1.io' }))
    put(1, { hosts: ['h1.io'] }, { addresses })
    assert.deepEqual([...book.ledger.held.values()], [{ v4: '10.0.0.9', v6 }])
    assert.deepEqual([...book.ledger.resting.keys()], [v4])
  })

  it('prolongs a rest when half of it is over', () => {
    const { book, take, now } = createRig()
    take({ kind: 'put', at: 1, hosts: [1] })
    book.allocate(now())
    take({ kind: 'remove', at: 1 })
    book.allocate(100)
    const untilAfter = (wallMs: number) => {
      book.keepResting([...book.ledger.resting.keys()], wallMs)
      return new Set([...book.ledger.resting.values()].map(({ untilMs }) => untilMs))
    }
    assert.deepEqual([untilAfter(102), untilAfter(103)], [new Set([105]), new Set([108])])
  })
})
