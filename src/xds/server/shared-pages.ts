import type { ServiceReference } from '../../translate/discovery/resource.ts'
import type { AddressEntry } from './address-collection.ts'
import { framed } from './response-octets.ts'
import type { Revision, RevisionLog } from './revision-log.ts'

/** A stretch of the order of changes, ready to be sent. */
export interface SharedPage {
  /** Of the last entry in it. */
  readonly until: Revision
  /** What is exported to everybody, as it stands in a response. */
  readonly octets: Uint8Array
  /** What is not. */
  readonly others: readonly AddressEntry[]
}

/** Where a page begins and ends stays the same when something in it has changed, and is not in it any more. */
interface Stretch {
  readonly from: Revision
  readonly until: Revision
  page: SharedPage | undefined
  isUsed: boolean
}

/**
 * The table in pages that are put together once for all streams, however many begin at the same time.
 *
 * What changes moves to the end, so one page is made again, and the others stay.
 */
export class SharedPages {
  readonly #log: Pick<RevisionLog<AddressEntry>, 'visitAfter'>
  readonly #maxOctets: number
  /** Each begins where the one before ends. */
  readonly #stretches: Stretch[] = []

  constructor(log: Pick<RevisionLog<AddressEntry>, 'visitAfter'>, maxOctets: number) {
    this.#log = log
    this.#maxOctets = maxOctets
  }

  /** `undefined` where no page begins, or one that is not full: its end is where changes go. */
  after(revision: Revision): SharedPage | undefined {
    const index = this.#indexOf(revision)
    const stretch = this.#stretches[index]
    if (stretch && stretch.from !== revision) return undefined
    if (!stretch && (this.#stretches.at(-1)?.until ?? 0) !== revision) return undefined
    const page = stretch?.page ?? this.#make(index, revision)
    const made = this.#stretches[index]
    if (made) made.isUsed = true
    return page
  }

  /** What stood there stands there no more. */
  left(revision: Revision): void {
    const stretch = this.#stretches[this.#indexOf(revision - 1)]
    if (stretch) stretch.page = undefined
  }

  /** Forgets pages that nobody wanted since the last time. */
  dropUnused(): void {
    for (const stretch of this.#stretches) {
      if (!stretch.isUsed) stretch.page = undefined
      stretch.isUsed = false
    }
  }

  /** Fills the stretch again; when too little is left in it, the rest is divided anew. */
  #make(index: number, from: Revision): SharedPage | undefined {
    const until = this.#stretches[index]?.until
    if (until !== undefined) {
      const { page, octets } = this.#read(from, (revision) => revision > until)
      if (octets * 2 >= this.#maxOctets) {
        this.#stretches[index] = { from, until, page: { ...page, until }, isUsed: true }
        return this.#stretches[index].page
      }
      this.#stretches.length = index
    }
    const { page, octets } = this.#read(from, (_, size) => size >= this.#maxOctets)
    if (octets < this.#maxOctets) return undefined
    this.#stretches.push({ from, until: page.until, page, isUsed: true })
    return page
  }

  #read(
    from: Revision,
    isEnd: (revision: Revision, octets: number) => boolean,
  ): { readonly page: SharedPage; readonly octets: number } {
    const exported: Uint8Array[] = []
    const others: AddressEntry[] = []
    let [until, octets] = [from, 0]
    this.#log.visitAfter(from, (entry) => {
      const { revision, resource } = entry
      if (isEnd(revision, octets)) return false
      until = revision
      if (!resource) return true
      octets += resource.octets.length
      if (resource.services.some(isExportedToAll)) exported.push(resource.octets)
      else others.push(entry)
      return true
    })
    return { page: { until, octets: framed(exported), others }, octets }
  }

  /** Of the stretch that holds what comes after the revision. */
  #indexOf(revision: Revision): number {
    let low = 0
    let high = this.#stretches.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((this.#stretches[middle]?.until ?? 0) <= revision) low = middle + 1
      else high = middle
    }
    return low
  }
}

function isExportedToAll({ exportTo }: ServiceReference): boolean {
  return exportTo.includes('*')
}
