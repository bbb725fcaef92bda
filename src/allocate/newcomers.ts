import type { IpAddress } from '../ip/address.ts'
import type { VirtualOwner, VirtualPair } from '../registry/virtual-addresses.ts'
import { AddressSet } from './address-set.ts'
import type { AllocationRequest, Pools } from './allocation.ts'
import type { Ledger } from './ledger.ts'
import { freeOf, usableAddresses } from './usable-addresses.ts'
import type { WantedOwner } from './wanted.ts'

type NewcomerRequest = Pick<AllocationRequest, 'ledger' | 'explicit' | 'wallMs'>

/**
 * Gives hosts that just came what `allocate` would give them, at the cost of these hosts alone: it remembers which
 * addresses the others hold.
 */
export class Newcomers {
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
