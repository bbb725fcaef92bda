import type { IpAddress } from '../../ip/address.ts'
import type { Hostname } from '../../registry/hostname.ts'
import {
  splitOwner,
  type VirtualAddresses,
  type VirtualOwner,
  type VirtualPair,
} from '../../registry/virtual-addresses.ts'
import type { EntryTable } from './entry-table.ts'
import { addressesOf } from './standing-ledger.ts'

/** What came of looking at a host. */
interface Shown {
  readonly isChanged: boolean
  /** Whether somebody has an address who had none. */
  readonly isNew: boolean
  /** Whose addresses stand for another one now. */
  readonly losers: readonly VirtualOwner[]
}

/**
 * The addresses that are shown: those that stand in the store.
 *
 * Where an entry goes and another one of the host has none yet, the host keeps what it was shown with,
 * as long as that stands for nobody else: the leader is about to write it there again.
 */
export class ShownPairs {
  readonly #table: EntryTable
  readonly #pairs = new Map<VirtualOwner, VirtualPair>()
  readonly #byHost = new Map<Hostname, ReadonlySet<VirtualOwner>>()
  readonly #holders = new Map<IpAddress, VirtualOwner>()

  constructor(table: EntryTable) {
    this.#table = table
  }

  /** Live. */
  all(): VirtualAddresses {
    return this.#pairs
  }

  /** Looks at a host anew, whose owners want addresses. */
  set(host: Hostname, wanting: ReadonlySet<VirtualOwner>): Shown {
    const losers: VirtualOwner[] = []
    let [isChanged, isNew] = [false, false]
    const before = this.#byHost.get(host) ?? nobody
    for (const owner of before) {
      if (!wanting.has(owner)) isChanged = this.#replace(owner, undefined, losers) || isChanged
    }
    for (const owner of wanting) {
      const had = this.#pairs.has(owner)
      isChanged = this.#replace(owner, this.#pairOf(owner), losers) || isChanged
      isNew ||= !had && this.#pairs.has(owner)
    }
    if (wanting.size > 0) this.#byHost.set(host, wanting)
    else this.#byHost.delete(host)
    return { isChanged, isNew, losers }
  }

  #pairOf(owner: VirtualOwner): VirtualPair | undefined {
    const { host, namespace } = splitOwner(owner)
    const standing = this.#table.standing(host, namespace)
    if (standing) return standing
    const shown = this.#pairs.get(owner)
    const isFree = (address: IpAddress) => this.#holders.get(address) === owner
    return shown && addressesOf(shown).every(isFree) ? shown : undefined
  }

  #replace(owner: VirtualOwner, pair: VirtualPair | undefined, losers: VirtualOwner[]): boolean {
    const before = this.#pairs.get(owner)
    if (before?.v4 === pair?.v4 && before?.v6 === pair?.v6) return false
    for (const address of before ? addressesOf(before) : []) {
      if (this.#holders.get(address) === owner) this.#holders.delete(address)
    }
    for (const address of pair ? addressesOf(pair) : []) {
      const holder = this.#holders.get(address)
      if (holder !== undefined) losers.push(holder)
      this.#holders.set(address, owner)
    }
    if (pair) this.#pairs.set(owner, pair)
    else this.#pairs.delete(owner)
    return true
  }
}

const nobody: ReadonlySet<VirtualOwner> = new Set()
