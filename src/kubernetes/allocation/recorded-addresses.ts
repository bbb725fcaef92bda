import type { Ledger, RestingAddress } from '../../allocate/ledger.ts'
import type { IpAddress } from '../../ip/address.ts'
import type { VirtualOwner } from '../../registry/virtual-addresses.ts'
import { markOf, type OwnerMark } from './address-ranges.ts'
import type { RecordContents } from './address-record.ts'
import type { AllocationBook } from './allocation-book.ts'
import { addressesOf } from './standing-ledger.ts'

/** What is about to be saved. */
interface Contents extends RecordContents {
  readonly owners: ReadonlyMap<IpAddress, VirtualOwner>
}

/** What the address record says, by what was saved there last. */
export class RecordedAddresses {
  #owners: ReadonlyMap<IpAddress, VirtualOwner> | undefined
  #resting: ReadonlyMap<IpAddress, RestingAddress> = new Map()
  /** Of those that were written last; a digest costs more than a look. */
  #marks = new Map<VirtualOwner, OwnerMark>()

  /** Nothing is known of it; it has to be written before anything else. */
  forget(): void {
    this.#owners = undefined
  }

  saved({ owners, resting }: Contents): void {
    this.#owners = owners
    this.#resting = resting
  }

  /** Whether the record does not say for whom each address is, of those that are held or rest. */
  isBehind({ held, resting }: Ledger): boolean {
    const owners = this.#owners
    if (!owners) return true
    for (const [owner, { v4, v6 }] of held) {
      if (v4 !== undefined && owners.get(v4) !== owner) return true
      if (v6 !== undefined && owners.get(v6) !== owner) return true
    }
    for (const [address, { owner }] of resting) {
      if (this.#resting.get(address)?.owner !== owner) return true
    }
    return false
  }

  /**
   * What the record has to say. Addresses that are about to be written are kept for their owners, who get
   * them also from another leader.
   */
  next(book: AllocationBook, untilMs: number): Contents {
    const { held, resting } = book.ledger
    const owners = new Map<IpAddress, VirtualOwner>()
    for (const [address, { owner }] of resting) owners.set(address, owner)
    for (const [owner, pair] of held) {
      for (const address of addressesOf(pair)) owners.set(address, owner)
    }
    const kept = new Map(resting)
    for (const [owner, pair] of book.pending()) {
      for (const address of addressesOf(pair)) kept.set(address, { owner, untilMs })
    }
    return { given: this.#marked(owners), owners, resting: kept }
  }

  *#marked(
    owners: ReadonlyMap<IpAddress, VirtualOwner>,
  ): Generator<readonly [IpAddress, OwnerMark]> {
    const before = this.#marks
    this.#marks = new Map()
    for (const [address, owner] of owners) {
      const mark = this.#marks.get(owner) ?? before.get(owner) ?? markOf(owner)
      this.#marks.set(owner, mark)
      yield [address, mark]
    }
  }
}
