import type {
  AddressResource,
  ResourceChange,
  ServiceReference,
} from '../../translate/discovery/resource.ts'
import { digestOf, type ResourceDigest } from '../../translate/discovery/table-hash.ts'
import { type Revision, RevisionLog } from './revision-log.ts'
import { type SharedPage, SharedPages } from './shared-pages.ts'

/** One name, and what is behind it today. */
export interface AddressEntry {
  readonly name: string
  /** A small number that no other entry has at the same time. */
  readonly ordinal: number
  /** Of its last change. */
  readonly revision: Revision
  /** Missing once it was removed, while some stream may still have to hear of that. */
  readonly resource: AddressResource | undefined
  /** What it gives to the hash of a table, when it is there. */
  readonly digest: ResourceDigest
  /** The change since which it tells of the services that it tells of. */
  readonly since: Revision
  /** What it told of before, oldest first. */
  readonly past: readonly PastServices[]
}

/** What a resource told of until it changed. */
export interface PastServices {
  /** The change that began it. */
  readonly since: Revision
  /** The change that ended it. */
  readonly until: Revision
  readonly services: readonly ServiceReference[]
}

/** An entry as the collection sees it. */
interface OwnEntry extends AddressEntry {
  revision: Revision
  resource: AddressResource | undefined
  digest: ResourceDigest
  since: Revision
  past: readonly PastServices[]
}

interface Aging {
  readonly until: Revision
  readonly entry: OwnEntry
}

/**
 * Every resource that exists, in the order of changes.
 *
 * A stream is a place in that order: what it needs is what changed since. So an idle stream costs
 * nothing, and a change costs what changed.
 */
export class AddressCollection {
  readonly #entries = new Map<string, OwnEntry>()
  /** Thousands may share the address of a gateway. */
  readonly #byAlias = new Map<string, Set<OwnEntry>>()
  readonly #log = new RevisionLog<OwnEntry>()
  readonly #pages: SharedPages
  /** What is kept for streams that are behind, oldest first. */
  #aging: Aging[] = []
  readonly #freeOrdinals: number[] = []
  #ordinals = 0
  #live = 0

  /** Pages that streams share have so many octets; without it they share none. */
  constructor(pageOctets = Number.POSITIVE_INFINITY) {
    this.#pages = new SharedPages(this.#log, pageOctets)
  }

  get revision(): Revision {
    return this.#log.last
  }

  /** How many resources there are. */
  get size(): number {
    return this.#live
  }

  /** All ordinals are below. */
  get ordinals(): number {
    return this.#ordinals
  }

  /** How many removals and former visibilities are remembered for streams that are behind. */
  get remembered(): number {
    return this.#aging.length
  }

  apply({ put, drop }: ResourceChange): void {
    for (const name of drop) {
      const entry = this.#entries.get(name)
      if (entry?.resource) this.#change(entry, undefined)
    }
    for (const resource of put) {
      const entry = this.#entries.get(resource.name) ?? this.#create(resource.name)
      if (!isSame(entry.resource, resource)) this.#change(entry, resource)
    }
  }

  /** The resources that go by this name or alias. */
  find(key: string): readonly AddressEntry[] {
    const entry = this.#entries.get(key)
    return entry?.resource ? [entry] : [...(this.#byAlias.get(key) ?? [])]
  }

  get(name: string): AddressEntry | undefined {
    return this.#entries.get(name)
  }

  entries(): Iterable<AddressEntry> {
    return this.#entries.values()
  }

  /**
   * Shows what changed after `revision`, oldest change first, until `visit` says false.
   *
   * Nothing may be applied meanwhile. True when the end was reached.
   */
  visitAfter(revision: Revision, visit: (entry: AddressEntry) => boolean): boolean {
    return this.#log.visitAfter(revision, visit)
  }

  /** What comes after `revision`, when many are sent the same there. */
  sharedPageAfter(revision: Revision): SharedPage | undefined {
    return this.#pages.after(revision)
  }

  /** Forgets shared pages that nobody wanted since the last time. */
  dropUnusedPages(): void {
    this.#pages.dropUnused()
  }

  /** Forgets what nobody needs who has everything up to `revision`. */
  forgetUpTo(revision: Revision): void {
    let count = 0
    for (const { until, entry } of this.#aging) {
      if (until > revision) break
      count += 1
      entry.past = entry.past.filter((past) => past.until > revision)
      if (!entry.resource && entry.revision <= revision) this.#delete(entry)
    }
    if (count > 0) this.#aging = this.#aging.slice(count)
  }

  #create(name: string): OwnEntry {
    const ordinal = this.#freeOrdinals.pop() ?? this.#ordinals++
    const digest = { high: 0, low: 0 }
    const entry = { name, ordinal, revision: 0, resource: undefined, digest, since: 0, past: [] }
    this.#entries.set(name, entry)
    return entry
  }

  #delete(entry: OwnEntry): void {
    if (this.#entries.get(entry.name) !== entry) return
    this.#entries.delete(entry.name)
    this.#leave(entry)
    this.#freeOrdinals.push(entry.ordinal)
  }

  #change(entry: OwnEntry, resource: AddressResource | undefined): void {
    const before = entry.resource
    if (entry.revision > 0) this.#leave(entry)
    entry.revision = this.#log.append(entry)
    entry.resource = resource
    if (resource) entry.digest = digestOf(resource.name, resource.version)
    if (!(before && resource && tellOfTheSame(before.services, resource.services))) {
      if (before) this.#remember(entry, before.services)
      entry.since = entry.revision
    }
    this.#moveAliases(entry, before?.aliases ?? [], resource?.aliases ?? [])
    this.#live += (resource ? 1 : 0) - (before ? 1 : 0)
  }

  /** Takes it away from where it stands in the order of changes. */
  #leave({ revision }: OwnEntry): void {
    this.#log.remove(revision)
    this.#pages.left(revision)
  }

  #remember(entry: OwnEntry, services: readonly ServiceReference[]): void {
    const { since, revision: until } = entry
    entry.past = [...entry.past, { since, until, services }]
    this.#aging.push({ until, entry })
  }

  #moveAliases(entry: OwnEntry, from: readonly string[], to: readonly string[]): void {
    for (const alias of from) {
      if (to.includes(alias)) continue
      const entries = this.#byAlias.get(alias)
      entries?.delete(entry)
      if (entries?.size === 0) this.#byAlias.delete(alias)
    }
    for (const alias of to) {
      const entries = this.#byAlias.get(alias) ?? new Set()
      this.#byAlias.set(alias, entries.add(entry))
    }
  }
}

function isSame(a: AddressResource | undefined, b: AddressResource): boolean {
  return a?.version === b.version && tellOfTheSame(a.services, b.services)
}

function tellOfTheSame(a: readonly ServiceReference[], b: readonly ServiceReference[]): boolean {
  return (
    a === b ||
    (a.length === b.length &&
      a.every(({ namespace, host, exportTo }, index) => {
        const other = b[index]
        return (
          other?.namespace === namespace &&
          other.host === host &&
          other.exportTo.join() === exportTo.join()
        )
      }))
  )
}
