import type { IpAddress } from '../ip/address.ts'
import type { VirtualOwner, VirtualPair } from '../registry/virtual-addresses.ts'
import { AddressSet } from './address-set.ts'
import type { AllocationRequest, Pools } from './allocation.ts'
import type { Ledger } from './ledger.ts'
import { freeOf, usableAddresses } from './usable-addresses.ts'
import type { WantedOwner } from './wanted.ts'

type NewcomerRequest = Pick<AllocationRequest, 'ledger' | 'explicit' | 'wallMs'>
type LeaverRequest = Pick<AllocationRequest, 'ledger' | 'wallMs' | 'restMs'>

/**
 * Makes of hosts that just came or went what `allocate` would make of them, without a look at the others: it
 * remembers which addresses these hold.
 */
export class Turnover {
  readonly #pools: Pools
  /** What these hold is in the set. */
  #held: Ledger['held'] | undefined
  #taken: AddressSet

  constructor(pools: Pools) {
    this.#pools = pools
    this.#taken = new AddressSet(pools)
  }

  /**
   * The ledger with them; `undefined` when all hosts have to be looked at, as where the pools have nothing left for
   * them. Nobody else's demand may have changed since all were looked at.
   */
  welcome(wanted: readonly WantedOwner[], request: NewcomerRequest): Ledger | undefined {
    const { ledger, explicit, wallMs } = request
    if (wanted.length === 0) return ledger
    const owners = new Set(wanted.map(({ owner }) => owner))
    for (const owner of owners) if (ledger.held.has(owner)) return undefined
    // They may have been here before.
    for (const { owner } of ledger.resting.values()) if (owners.has(owner)) return undefined
    this.#remember(ledger.held)
    const isFree = (address: IpAddress) =>
      !explicit.has(address) && (ledger.resting.get(address)?.untilMs ?? 0) <= wallMs
    const free = {
      v4: freeOf(usableAddresses(this.#pools.v4, this.#taken), isFree),
      v6: freeOf(usableAddresses(this.#pools.v6, this.#taken), isFree),
    }
    const held = new Map(ledger.held)
    for (const { owner } of wanted.toSorted((a, b) => a.createdAt - b.createdAt)) {
      const [v4, v6] = [free.v4(), free.v6()]
      if (v4 === undefined || v6 === undefined) return this.#giveUp()
      // Its rest has ended, which is for others to write down.
      if (ledger.resting.has(v4) || ledger.resting.has(v6)) return this.#giveUp()
      this.#take(held, owner, { v4, v6 })
    }
    this.#held = held
    return { held, resting: ledger.resting }
  }

  /**
   * The ledger without them, what they held rests; `undefined` when all hosts have to be looked at, as where a rest
   * has ended. Nobody may wait for an address.
   */
  dismiss(owners: Iterable<VirtualOwner>, request: LeaverRequest): Ledger | undefined {
    const { ledger, wallMs, restMs } = request
    const untilMs = wallMs + restMs
    for (const rest of ledger.resting.values()) {
      if (rest.untilMs <= wallMs || rest.untilMs > untilMs) return undefined
    }
    const held = new Map(ledger.held)
    const resting = new Map(ledger.resting)
    const isKnown = ledger.held === this.#held
    for (const owner of owners) {
      const pair = held.get(owner)
      if (!pair) return this.#giveUp()
      held.delete(owner)
      for (const address of [pair.v4, pair.v6]) {
        if (address === undefined) continue
        resting.set(address, { owner, untilMs })
        if (isKnown) this.#taken.delete(address)
      }
    }
    if (isKnown) this.#held = held
    return { held, resting }
  }

  #take(
    held: Map<VirtualOwner, VirtualPair>,
    owner: VirtualOwner,
    pair: Required<VirtualPair>,
  ): void {
    held.set(owner, pair)
    this.#taken.add(pair.v4)
    this.#taken.add(pair.v6)
  }

  #giveUp(): undefined {
    this.#held = undefined
  }

  #remember(held: Ledger['held']): void {
    if (held === this.#held) return
    this.#held = held
    this.#taken = new AddressSet(this.#pools)
    for (const { v4, v6 } of held.values()) {
      if (v4 !== undefined) this.#taken.add(v4)
      if (v6 !== undefined) this.#taken.add(v6)
    }
  }
}
