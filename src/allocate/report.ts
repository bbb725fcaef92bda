import type { Health } from '../base/health.ts'
import type { Meters } from '../base/meters.ts'
import type { IpAddress, IpFamily } from '../ip/address.ts'
import { formatPrefix } from '../ip/prefix.ts'
import type { VirtualPair } from '../registry/virtual-addresses.ts'
import type { Allocation, AllocationRequest, MovedAddress, Pools } from './allocation.ts'
import { virtualConflict, virtualPoolExhausted } from './health.ts'
import { vipHostsWaiting, vipMoved, vipPoolFree, vipPoolHeld, vipPoolResting } from './meters.ts'
import { createUsableTest, usableCount } from './usable-addresses.ts'

/** Hosts that a health item names; it counts the others. */
const namedHosts = 10

/** Tells health and meters what allocations came to. */
export class AllocationReport {
  readonly #health: Health
  readonly #meters: Meters
  /** By the address that was lost; kept as long as a user claims it. */
  readonly #conflicts = new Map<IpAddress, MovedAddress>()

  constructor(health: Health, meters: Meters) {
    this.#health = health
    this.#meters = meters
  }

  /** To be called after each `allocate`, with what went in and what came out. */
  update(request: AllocationRequest, allocation: Allocation): void {
    this.#reportConflicts(request, allocation)
    for (const family of [4, 6] as const) {
      this.#reportExhausted(family, request, allocation)
      this.#count(family, request, allocation)
    }
  }

  /**
   * To be called instead where so many hosts got an address of each family of the pools, what others held rests, and
   * nothing else changed.
   */
  turnOver(
    { v4, v6 }: Pools,
    { came, went }: { readonly came: number; readonly went: readonly VirtualPair[] },
  ): void {
    for (const [label, key, pool] of [
      ['ipv4', 'v4', v4],
      ['ipv6', 'v6', v6],
    ] as const) {
      const isUsable = createUsableTest(pool)
      const freed = went.map((pair) => pair[key]).filter((address) => address !== undefined)
      this.#meters.cell(vipPoolHeld, label).value += came - freed.length
      this.#meters.cell(vipPoolResting, label).value += freed.filter(isUsable).length
      this.#meters.cell(vipPoolFree, label).value -= came
    }
  }

  /** Somebody else reports from now on. */
  forget(): void {
    this.#conflicts.clear()
    this.#health.clear(virtualConflict)
    for (const family of [4, 6]) this.#health.clear(virtualPoolExhausted, `ipv${family}`)
  }

  #reportConflicts({ explicit }: AllocationRequest, { moved }: Allocation): void {
    this.#meters.cell(vipMoved).value += moved.length
    for (const address of this.#conflicts.keys()) {
      if (!explicit.has(address)) this.#conflicts.delete(address)
    }
    for (const one of moved) if (explicit.has(one.from)) this.#conflicts.set(one.from, one)
    if (this.#conflicts.size === 0) this.#health.clear(virtualConflict)
    else this.#health.set(virtualConflict, listed([...this.#conflicts.values()].map(describeMove)))
  }

  #reportExhausted(family: IpFamily, request: AllocationRequest, allocation: Allocation): void {
    const waiting = allocation.exhausted.filter((one) => one.family === family)
    this.#meters.cell(vipHostsWaiting, `ipv${family}`).value = waiting.length
    if (waiting.length === 0) {
      this.#health.clear(virtualPoolExhausted, `ipv${family}`)
      return
    }
    const pool = formatPrefix(family === 4 ? request.pools.v4 : request.pools.v6)
    const hosts = listed(waiting.map(({ owner }) => owner))
    const detail = `${pool} has no IPv${family} address left for ${hosts}`
    this.#health.set(virtualPoolExhausted, detail, `ipv${family}`)
  }

  #count(family: IpFamily, { pools, explicit }: AllocationRequest, { ledger }: Allocation): void {
    const pool = family === 4 ? pools.v4 : pools.v6
    const key = family === 4 ? 'v4' : 'v6'
    const isUsable = createUsableTest(pool)
    // No address is held twice, nor one that rests or that a user claims.
    let [held, resting, taken] = [0, 0, 0]
    for (const { [key]: address } of ledger.held.values()) {
      if (address === undefined) continue
      held += 1
      if (isUsable(address)) taken += 1
    }
    for (const address of ledger.resting.keys()) if (isUsable(address)) resting += 1
    for (const address of explicit.keys()) {
      if (isUsable(address) && !ledger.resting.has(address)) taken += 1
    }
    const label = `ipv${family}`
    this.#meters.cell(vipPoolHeld, label).value = held
    this.#meters.cell(vipPoolResting, label).value = resting
    this.#meters.cell(vipPoolFree, label).value = usableCount(pool) - taken - resting
  }
}

function describeMove({ owner, from, to, claimedBy }: MovedAddress): string {
  return `${owner} moved from ${from} to ${to ?? 'none'}, because ${claimedBy} claims it`
}

function listed(texts: readonly string[]): string {
  const shown = texts.slice(0, namedHosts).join(', ')
  const more = texts.length - namedHosts
  return more > 0 ? `${shown} and ${more} more` : shown
}
