import type { ServiceReference } from '../../translate/discovery/resource.ts'
import type { AddressCollection, AddressEntry } from './address-collection.ts'
import { BitSet } from './bit-set.ts'
import type { Page } from './page.ts'
import type { ProxyScope } from './ports.ts'
import type { Revision } from './revision-log.ts'

/** What a client says it holds from an earlier stream: names, and their versions. */
export type Claims = Iterable<readonly [name: string, version: string]>

/** A scope that the stream had, from one change to another. */
interface FormerScope {
  readonly scope: ProxyScope
  readonly since: Revision
  readonly until: Revision
}

/** How many entries are looked at before other streams get a turn. */
const maxLookedAt = 25_000

/** What a stream needs that wants everything it may see. */
export class EverythingWalk {
  readonly #collection: AddressCollection
  #scope: ProxyScope
  /** What the stream could see before, oldest first; empty in the usual case. */
  #former: readonly FormerScope[] = []
  /** Since when it can see what it can see now. */
  #scopeSince: Revision
  /** The client holds nothing that is older than this, but for what it has been told and claims. */
  #base: Revision
  /** Everything up to here has been dealt with; ordinals in `#claimed` are of entries older than `#base`. */
  #cursor: Revision = 0
  /** During the first walk: ordinals of what the client holds already, and of what it holds in another version. */
  #claimed: { readonly same: BitSet; readonly other: BitSet } | undefined
  /** Whether the client held nothing when it began, is told all for the first time, and has the scope that it began with. */
  #isFresh = true
  /** What it claims, and cannot have. */
  readonly #gone = new Set<string>()

  constructor(collection: AddressCollection, scope: ProxyScope, claims: Claims) {
    this.#collection = collection
    this.#scope = scope
    this.#base = collection.revision
    this.#scopeSince = this.#base
    const { ordinals } = collection
    this.#claimed = { same: new BitSet(ordinals), other: new BitSet(ordinals) }
    for (const [name, version] of claims) {
      this.#isFresh = false
      const entry = collection.get(name)
      if (!entry?.resource || !seesAny(scope, entry.resource.services)) this.#gone.add(name)
      else this.#claim(entry.ordinal, entry.resource.version === version)
    }
  }

  /** When a client claims a thing twice, the last word counts. */
  #claim(ordinal: number, isSame: boolean): void {
    if (!this.#claimed) return
    const { same, other } = this.#claimed
    const [is, isNot] = isSame ? [same, other] : [other, same]
    is.add(ordinal)
    isNot.delete(ordinal)
  }

  /** Of what happened before, nothing matters to this stream. */
  get needs(): Revision {
    return this.#base
  }

  get scope(): ProxyScope {
    return this.#scope
  }

  /** What the client holds without a right to, and has not been told of yet. */
  get owedRemovals(): Iterable<string> {
    return this.#gone
  }

  sees(entry: AddressEntry): boolean {
    return entry.resource !== undefined && seesAny(this.#scope, entry.resource.services)
  }

  rescope(scope: ProxyScope): void {
    if (scope.key !== this.#scope.key) {
      const until = this.#collection.revision
      this.#former = [...this.#former, { scope: this.#scope, since: this.#scopeSince, until }]
      this.#scopeSince = until
      this.#cursor = 0
      this.#isFresh = false
    }
    this.#scope = scope
  }

  /** Puts onto the page what comes next; true when there is nothing left. */
  advance(page: Page): boolean {
    for (const name of this.#gone) {
      if (page.isFull) break
      this.#gone.delete(name)
      const entry = this.#collection.get(name)
      if (!entry || !this.sees(entry)) page.remove(name)
    }
    if (this.#isFresh && this.#share(page)) return false
    let lookedAt = 0
    const complete = this.#collection.visitAfter(this.#cursor, (entry) => {
      if (page.isFull || lookedAt >= maxLookedAt) return false
      lookedAt += 1
      this.#say(entry, page)
      this.#cursor = entry.revision
      return true
    })
    if (!complete || this.#gone.size > 0) return false
    this.#cursor = this.#collection.revision
    this.#base = this.#cursor
    this.#former = []
    this.#claimed = undefined
    this.#isFresh = false
    return true
  }

  /** Uses what was put together for others, as long as nothing in it has changed since we began. */
  #share(page: Page): boolean {
    if (!this.#scope.seesExported || page.isFull) return false
    const shared = this.#collection.sharedPageAfter(this.#cursor)
    if (!shared || shared.until > this.#base) return false
    page.putFramed(shared.octets)
    for (const entry of shared.others) this.#say(entry, page)
    this.#cursor = shared.until
    return true
  }

  #say(entry: AddressEntry, page: Page): void {
    const { resource } = entry
    if (resource && seesAny(this.#scope, resource.services)) {
      if (this.#surelyHolds(entry, resource.services)) return
      page.put(resource)
      this.#claimed?.other.delete(entry.ordinal)
    } else if (this.mayHold(entry)) {
      page.remove(entry.name)
      this.#claimed?.same.delete(entry.ordinal)
      this.#claimed?.other.delete(entry.ordinal)
    }
  }

  #surelyHolds(entry: AddressEntry, services: readonly ServiceReference[]): boolean {
    if (entry.revision > this.#base) return false
    if (this.#claimed) return this.#claimed.same.has(entry.ordinal)
    return this.#former.length > 0 && this.#former.every(({ scope }) => seesAny(scope, services))
  }

  /** Whether the client claimed another version of it, and was told nothing since. */
  isClaimed({ ordinal }: AddressEntry): boolean {
    return this.#claimed?.other.has(ordinal) ?? false
  }

  /** Whether it was claimed, or could be seen at any time since `needs` by the scope that the stream had then. */
  mayHold(entry: AddressEntry): boolean {
    if (this.isClaimed(entry)) return true
    const { resource, since, past } = entry
    const forever = Number.POSITIVE_INFINITY
    const told = past.filter(({ until }) => until > this.#base)
    if (resource) told.push({ since, until: forever, services: resource.services })
    const current = { scope: this.#scope, since: this.#scopeSince, until: forever }
    return [...this.#former, current].some((had) =>
      told.some(
        (then) =>
          then.since <= had.until && had.since < then.until && seesAny(had.scope, then.services),
      ),
    )
  }
}

export function seesAny(scope: ProxyScope, services: readonly ServiceReference[]): boolean {
  return services.some((service) => scope.sees(service))
}
