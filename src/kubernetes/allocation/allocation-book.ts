import { allocate } from '../../allocate/allocate.ts'
import type { Allocation, AllocationRequest, Pools } from '../../allocate/allocation.ts'
import { Demand } from '../../allocate/demand.ts'
import type { Ledger, RestingAddress } from '../../allocate/ledger.ts'
import { Turnover } from '../../allocate/turnover.ts'
import type { WantedOwner } from '../../allocate/wanted.ts'
import type { IpAddress } from '../../ip/address.ts'
import type { Hostname } from '../../registry/hostname.ts'
import {
  splitOwner,
  type VirtualOwner,
  type VirtualPair,
} from '../../registry/virtual-addresses.ts'
import type { EntryTable } from './entry-table.ts'
import { addressesOf, standingPairs } from './standing-ledger.ts'

export interface BookOptions {
  readonly pools: Pools
  /** How long an address rests when its host is gone. */
  readonly restMs: number
}

/** What came of giving out addresses, with the hosts of those who hold something else than before. */
export type Outcome =
  | {
      readonly kind: 'all'
      readonly request: AllocationRequest
      readonly allocation: Allocation
      readonly hosts: ReadonlySet<Hostname>
    }
  /** So many came and got addresses, others went that held these, and for the rest everything is as it was. */
  | {
      readonly kind: 'turnover'
      readonly came: number
      readonly went: readonly VirtualPair[]
      readonly hosts: ReadonlySet<Hostname>
    }

/** Who holds which address while we lead: what stands in the store, and what is about to. */
export class AllocationBook {
  readonly #options: BookOptions
  readonly #table: EntryTable
  readonly #demand = new Demand(() => true)
  /** What stood in the store when we last looked at a host. */
  readonly #stood = new Map<Hostname, ReadonlyMap<VirtualOwner, VirtualPair>>()
  readonly #adopted = new Set<Hostname>()
  /** Of those who hold something, whose addresses do not stand in the store. */
  readonly #pending = new Map<VirtualOwner, VirtualPair>()
  readonly #turnover: Turnover
  /** Who came and who went since addresses were given out, as long as nothing else happened. */
  #arrived: WantedOwner[] = []
  #left: VirtualOwner[] = []
  /** Whether there are too few addresses. */
  #isShort = false
  #ledger: Ledger
  #isDue = true

  constructor(options: BookOptions, table: EntryTable, ledger: Ledger) {
    this.#options = options
    this.#table = table
    this.#ledger = ledger
    this.#turnover = new Turnover(options.pools)
    for (const host of table.hosts()) this.#stood.set(host, standingPairs(table, host))
    for (const host of table.hosts()) this.#demand.set(host, table.declarations(host))
    for (const owner of ledger.held.keys()) this.#lookWhetherPending(owner)
  }

  get ledger(): Ledger {
    return this.#ledger
  }

  /** Addresses have to be given out anew although nothing changed: one has rested enough. */
  expectFree(): void {
    this.#isDue = true
  }

  /**
   * Takes what entries say of a host now. What somebody wrote into a status is what the host holds:
   * machines use it already.
   */
  note(host: Hostname, wallMs: number): void {
    this.#noteDemand(host)
    const before = this.#stood.get(host)
    const standing = standingPairs(this.#table, host)
    if (standing.size > 0) this.#stood.set(host, standing)
    else this.#stood.delete(host)
    for (const owner of [...(before?.keys() ?? []), ...standing.keys()]) {
      this.#lookWhetherPending(owner)
    }
    for (const [owner, pair] of standing) {
      if (isWithin(pair, before?.get(owner)) && isWithin(before?.get(owner) ?? {}, pair)) continue
      if (!isWithin(pair, this.#ledger.held.get(owner))) this.#adopt(owner, pair, wallMs)
    }
  }

  /** Lets addresses rest at least as long from now on: they stand somewhere, though not rightly. */
  keepResting(addresses: Iterable<IpAddress>, wallMs: number): void {
    const { restMs } = this.#options
    let resting: Map<IpAddress, RestingAddress> | undefined
    for (const address of addresses) {
      const rest = this.#ledger.resting.get(address)
      if (!rest || rest.untilMs > wallMs + restMs / 2) continue
      resting ??= new Map(this.#ledger.resting)
      resting.set(address, { ...rest, untilMs: wallMs + restMs })
    }
    if (resting) this.#ledger = { ...this.#ledger, resting }
  }

  /** Gives out what is wanted; `undefined` when nothing can have changed. */
  allocate(wallMs: number): Outcome | undefined {
    const [arrived, left] = [this.#arrived, this.#left]
    this.#arrived = []
    this.#left = []
    if (this.#isDue || this.#adopted.size > 0) return this.#allocateAll(wallMs)
    if (arrived.length + left.length === 0) return undefined
    return this.#turnOver(arrived, left, wallMs) ?? this.#allocateAll(wallMs)
  }

  /** Owners whose addresses do not stand in the store yet, with these. */
  pending(): Iterable<readonly [VirtualOwner, VirtualPair]> {
    return this.#pending
  }

  #noteDemand(host: Hostname): void {
    const before = this.#demand.of(host)
    if (!this.#demand.set(host, this.#table.declarations(host))) return
    const { wanted, explicit } = this.#demand.of(host)
    const claims = before.explicit.size + explicit.size
    if (claims + before.wanted.length === 0) this.#arrived.push(...wanted)
    else if (claims + wanted.length === 0)
      this.#left.push(...before.wanted.map(({ owner }) => owner))
    else this.#isDue = true
  }

  /** What came of those who came and went; `undefined` when all have to be looked at. */
  #turnOver(
    arrived: readonly WantedOwner[],
    left: readonly VirtualOwner[],
    wallMs: number,
  ): Outcome | undefined {
    const before = this.#ledger
    const explicit = this.#demand.explicit()
    let ledger: Ledger | undefined = before
    if (left.length > 0) {
      if (this.#isShort) return undefined
      ledger = this.#turnover.dismiss(left, { ledger, wallMs, restMs: this.#options.restMs })
    }
    ledger &&= this.#turnover.welcome(arrived, { ledger, explicit, wallMs })
    if (!ledger) return undefined
    this.#ledger = ledger
    const owners = [...left, ...arrived.map(({ owner }) => owner)]
    for (const owner of owners) this.#lookWhetherPending(owner)
    const went = left.flatMap((owner) => before.held.get(owner) ?? [])
    const hosts = new Set(owners.map((owner) => splitOwner(owner).host))
    return { kind: 'turnover', came: arrived.length, went, hosts }
  }

  #allocateAll(wallMs: number): Outcome {
    const before = this.#ledger
    const request = {
      ...this.#options,
      wanted: this.#demand.wanted(),
      explicit: this.#demand.explicit(),
      ledger: before,
      wallMs,
    }
    const allocation = allocate(request)
    this.#ledger = allocation.ledger
    this.#isShort = allocation.exhausted.length > 0
    this.#isDue = false
    const hosts = new Set(this.#adopted)
    this.#adopted.clear()
    for (const owner of changedOwners(before, allocation.ledger)) {
      this.#lookWhetherPending(owner)
      hosts.add(splitOwner(owner).host)
    }
    return { kind: 'all', request, allocation, hosts }
  }

  #lookWhetherPending(owner: VirtualOwner): void {
    const pair = this.#ledger.held.get(owner)
    const stood = this.#stood.get(splitOwner(owner).host)?.get(owner)
    if (pair && !(stood && isWithin(pair, stood))) this.#pending.set(owner, pair)
    else this.#pending.delete(owner)
  }

  #adopt(owner: VirtualOwner, pair: VirtualPair, wallMs: number): void {
    const { held, resting } = this.#ledger
    const before = held.get(owner) ?? {}
    const after = { ...before, ...pair }
    const rests = new Map(resting)
    for (const address of addressesOf(before)) {
      if (address === after.v4 || address === after.v6) continue
      rests.set(address, { owner, untilMs: wallMs + this.#options.restMs })
    }
    this.#ledger = { held: new Map(held).set(owner, after), resting: rests }
    this.#lookWhetherPending(owner)
    this.#adopted.add(splitOwner(owner).host)
  }
}

/** Whether the second has everything that the first has. */
function isWithin(pair: VirtualPair, other: VirtualPair | undefined): boolean {
  const isThere = (key: 'v4' | 'v6') => pair[key] === undefined || pair[key] === other?.[key]
  return isThere('v4') && isThere('v6')
}

function* changedOwners(before: Ledger, after: Ledger): Generator<VirtualOwner> {
  if (before.held === after.held) return
  for (const [owner, pair] of after.held) if (before.held.get(owner) !== pair) yield owner
  for (const owner of before.held.keys()) if (!after.held.has(owner)) yield owner
}
