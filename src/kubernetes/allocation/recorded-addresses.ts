import { emptyLedger, type Ledger } from '../../allocate/ledger.ts'
import type { IpAddress } from '../../ip/address.ts'
import type { VirtualOwner, VirtualPair } from '../../registry/virtual-addresses.ts'
import type { NewContents } from './address-record.ts'
import type { AllocationBook } from './allocation-book.ts'
import { GivenRanges } from './given-ranges.ts'
import { addressesOf } from './standing-ledger.ts'

/** What the address record says, by what was saved there last. */
export class RecordedAddresses {
  readonly #given = new GivenRanges()
  /** What is said now, or is about to be, was made of this. */
  #ledger: Ledger = emptyLedger
  #resting: Ledger['resting'] = new Map()
  #isSaved = false

  /** Nothing is known of it; it has to be written before anything else. */
  forget(): void {
    this.#isSaved = false
  }

  /** What `next` said last stands there. */
  saved(): void {
    this.#isSaved = true
  }

  /** Whether the record does not say for whom each address is, of those that are held or rest. */
  isBehind({ held, resting }: Ledger): boolean {
    if (!this.#isSaved) return true
    if (held !== this.#ledger.held) {
      for (const [owner, pair] of held) {
        if (this.#ledger.held.get(owner) === pair) continue
        if (addressesOf(pair).some((address) => this.#given.ownerOf(address) !== owner)) return true
      }
    }
    if (resting === this.#ledger.resting) return false
    for (const [address, { owner }] of resting) {
      if (this.#resting.get(address)?.owner !== owner) return true
    }
    return false
  }

  /**
   * What the record has to say. Addresses that are about to be written are kept for their owners, who get
   * them also from another leader.
   */
  next(book: AllocationBook, untilMs: number): NewContents {
    const { ledger } = book
    if (!this.#addTo(ledger)) this.#replace(ledger)
    this.#ledger = ledger
    this.#isSaved = false
    const kept = new Map(ledger.resting)
    for (const [owner, pair] of book.pending()) {
      for (const address of addressesOf(pair)) kept.set(address, { owner, untilMs })
    }
    this.#resting = kept
    return { given: this.#given, resting: kept }
  }

  /** Whether nothing was to do but to add those that came. */
  #addTo({ held, resting }: Ledger): boolean {
    const before = this.#ledger
    if (resting !== before.resting) return false
    const arrived: (readonly [VirtualOwner, VirtualPair])[] = []
    for (const one of held) if (before.held.get(one[0]) !== one[1]) arrived.push(one)
    if (held.size !== before.held.size + arrived.length) return false
    this.#add(arrived)
    return true
  }

  #replace({ held, resting }: Ledger): void {
    const all = new Set<IpAddress>(resting.keys())
    for (const pair of held.values()) for (const address of addressesOf(pair)) all.add(address)
    this.#given.keep(all)
    for (const [address, { owner }] of resting) this.#given.set(address, owner)
    this.#add(held)
  }

  #add(held: Iterable<readonly [VirtualOwner, VirtualPair]>): void {
    for (const [owner, pair] of held) {
      for (const address of addressesOf(pair)) this.#given.set(address, owner)
    }
  }
}
