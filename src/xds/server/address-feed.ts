import type { AddressCollection, AddressEntry } from './address-collection.ts'
import { type Claims, EverythingWalk } from './everything-walk.ts'
import { NamesWalk } from './names-walk.ts'
import type { Page } from './page.ts'
import type { ProxyScope } from './ports.ts'
import type { Revision } from './revision-log.ts'

/** What a client asks to hear of, or not any more. */
export interface Interest {
  readonly subscribe: readonly string[]
  readonly unsubscribe: readonly string[]
}

/** Stands for everything. */
export const everything = '*'

/** What one stream subscribes to, and what of it the client does not know yet. */
export class AddressFeed {
  readonly #collection: AddressCollection
  /** What was asked for by name or alias. */
  readonly #names = new Set<string>()
  /** Are to be answered, whether or not they changed. */
  readonly #asked = new Set<string>()
  #walk: EverythingWalk | NamesWalk

  /**
   * Begins with the first request of a stream: without names it means everything.
   *
   * What a client holds already counts as asked for by name, unless it wants everything.
   */
  constructor(
    collection: AddressCollection,
    scope: ProxyScope,
    first: Interest & { readonly claims: Claims },
  ) {
    this.#collection = collection
    const { subscribe, unsubscribe, claims } = first
    const all = subscribe.length === 0 ? unsubscribe.length === 0 : subscribe.includes(everything)
    if (all && !unsubscribe.includes(everything)) {
      this.#walk = new EverythingWalk(collection, scope, claims)
    } else {
      const held = Array.from(claims, ([name]) => name)
      const since = collection.revision
      this.#walk = new NamesWalk(collection, scope, this.#names, { held, since })
      this.#subscribe(held)
    }
    this.#subscribe(subscribe.filter((name) => name !== everything))
    this.#unsubscribe(unsubscribe.filter((name) => name !== everything))
  }

  get wantsEverything(): boolean {
    return this.#walk instanceof EverythingWalk
  }

  /** How many names and aliases were asked for. */
  get names(): number {
    return this.#names.size
  }

  /** How many names and aliases wait for an answer: also those that were not asked for before. */
  get owed(): number {
    return this.#asked.size
  }

  get needs(): Revision {
    return this.#walk.needs
  }

  rescope(scope: ProxyScope): void {
    this.#walk.rescope(scope)
  }

  change({ subscribe, unsubscribe }: Interest): void {
    if (subscribe.includes(everything)) this.#wantEverything()
    this.#subscribe(subscribe.filter((name) => name !== everything))
    this.#unsubscribe(unsubscribe.filter((name) => name !== everything))
    if (unsubscribe.includes(everything)) this.#wantNamesOnly()
  }

  /** Puts onto the page what comes next; true when there is nothing left. */
  advance(page: Page): boolean {
    const complete = this.#walk.advance(page)
    for (const key of this.#asked) {
      if (page.isFull) return false
      this.#asked.delete(key)
      this.#answer(key, page)
    }
    return complete
  }

  #answer(key: string, page: Page): void {
    const seen = this.#collection.find(key).filter((entry) => this.#walk.sees(entry))
    if (seen.length === 0) {
      page.remove(key)
      if (this.#walk instanceof NamesWalk) this.#walk.drop(key)
    }
    for (const { name, resource } of seen) {
      if (resource) page.put(resource)
      if (this.#walk instanceof NamesWalk) this.#walk.hold(name)
    }
  }

  #subscribe(keys: readonly string[]): void {
    for (const key of keys) {
      this.#names.add(key)
      this.#asked.add(key)
    }
  }

  #unsubscribe(keys: readonly string[]): void {
    for (const key of keys) {
      this.#names.delete(key)
      this.#asked.delete(key)
      // Still covered by everything, so the client must hear whether it is there.
      if (this.#walk instanceof EverythingWalk) this.#asked.add(key)
    }
  }

  #wantEverything(): void {
    if (this.#walk instanceof EverythingWalk) return
    const { scope, told } = this.#walk
    const claims = Array.from(told, (name) => [name, ''] as const)
    this.#walk = new EverythingWalk(this.#collection, scope, claims)
  }

  /** The client forgets the rest by itself; what it wants is answered again. */
  #wantNamesOnly(): void {
    if (this.#walk instanceof NamesWalk) return
    const { scope, needs: since } = this.#walk
    const held = this.#heldBy(this.#walk)
    this.#walk = new NamesWalk(this.#collection, scope, this.#names, { held, since })
    this.#asked.clear()
    for (const key of this.#names) this.#asked.add(key)
  }

  /** What a client that wanted everything may hold, and would not be told of otherwise. */
  #heldBy(walk: EverythingWalk): Set<string> {
    const held = new Set(walk.owedRemovals)
    for (const entry of this.#collection.entries()) {
      const isDue = entry.revision > walk.needs || this.#isWanted(entry) || walk.isClaimed(entry)
      if (isDue && walk.mayHold(entry)) held.add(entry.name)
    }
    return held
  }

  #isWanted({ name, resource }: AddressEntry): boolean {
    const aliases = resource?.aliases ?? []
    return this.#names.has(name) || aliases.some((alias) => this.#names.has(alias))
  }
}
