import { emptyLedger, type Ledger } from '../../allocate/ledger.ts'
import type { VirtualOwner, VirtualPair } from '../../registry/virtual-addresses.ts'
import type { NewContents } from './address-record.ts'
import type { AllocationBook } from './allocation-book.ts'
import { GivenRanges } from './given-ranges.ts'
import { addressesOf } from './standing-ledger.ts'

type Held = readonly [VirtualOwner, VirtualPair]

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
      for (const [owner, pair] of differing(held, this.#ledger.held)) {
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
  next(book: Pick<AllocationBook, 'ledger' | 'pending'>, untilMs: number): NewContents {
    const { ledger } = book
    this.#update(ledger)
    this.#ledger = ledger
    this.#isSaved = false
    const kept = new Map(ledger.resting)
    for (const [owner, pair] of book.pending()) {
      for (const address of addressesOf(pair)) kept.set(address, { owner, untilMs })
    }
    this.#resting = kept
    return { given: this.#given, resting: kept }
  }

  /** Takes over what is another than before; no address is with two. */
  #update({ held, resting }: Ledger): void {
    const before = this.#ledger
    const come = [...differing(held, before.held)]
    const isLessHeld = before.held.size + come.length > held.size
    const gone = isLessHeld ? [...differing(before.held, held)] : []
    for (const [, pair] of gone)
      for (const address of addressesOf(pair)) this.#given.delete(address)
    if (resting !== before.resting) {
      for (const address of before.resting.keys()) {
        if (!resting.has(address)) this.#given.delete(address)
      }
      for (const [address, { owner }] of resting) this.#given.set(address, owner)
    }
    for (const [owner, pair] of come) {
      for (const address of addressesOf(pair)) this.#given.set(address, owner)
    }
  }
}

/** Who has something that the other one does not say of him. */
function* differing(held: Ledger['held'], other: Ledger['held']): Iterable<Held> {
  for (const one of held) if (other.get(one[0]) !== one[1]) yield one
}
