import type { AddressCollection, AddressEntry } from './address-collection.ts'
import { seesAny } from './everything-walk.ts'
import type { Page } from './page.ts'
import type { ProxyScope } from './ports.ts'
import type { Revision } from './revision-log.ts'

/** What a stream needs that wants some names and aliases only. */
export class NamesWalk {
  readonly #collection: AddressCollection
  /** Names and aliases; the owner's, and up to date whenever we look. */
  readonly #wanted: ReadonlySet<string>
  #scope: ProxyScope
  #cursor: Revision
  /** Names of what the client holds, if it did not forget them because it does not want them any more. */
  readonly #told = new Set<string>()
  /** Must be looked at whether or not they changed: the scope did. */
  readonly #unsure = new Set<string>()
  /** Must be told whether or not they changed: the client may hold something old. */
  readonly #doubted: Set<string>

  /** `held` is what the client may hold already; all that changed since then is told. */
  constructor(
    collection: AddressCollection,
    scope: ProxyScope,
    wanted: ReadonlySet<string>,
    from: { readonly held: Iterable<string>; readonly since: Revision },
  ) {
    this.#collection = collection
    this.#scope = scope
    this.#wanted = wanted
    this.#cursor = from.since
    this.#doubted = new Set(from.held)
    for (const name of this.#doubted) this.#told.add(name)
  }

  /** Of what happened before, nothing matters to this stream. */
  get needs(): Revision {
    return this.#cursor
  }

  get scope(): ProxyScope {
    return this.#scope
  }

  get told(): ReadonlySet<string> {
    return this.#told
  }

  sees(entry: AddressEntry): boolean {
    return entry.resource !== undefined && seesAny(this.#scope, entry.resource.services)
  }

  rescope(scope: ProxyScope): void {
    if (scope.key !== this.#scope.key) {
      for (const name of this.#told) this.#unsure.add(name)
      for (const key of this.#wanted) {
        for (const { name } of this.#collection.find(key)) this.#unsure.add(name)
      }
    }
    this.#scope = scope
  }

  /** The client has been told of it in answer to its question. */
  hold(name: string): void {
    this.#told.add(name)
  }

  /** The client has been told that there is no such name. */
  drop(name: string): void {
    this.#told.delete(name)
  }

  /** Puts onto the page what comes next; true when there is nothing left. */
  advance(page: Page): boolean {
    const complete = this.#collection.visitAfter(this.#cursor, (entry) => {
      if (page.isFull) return false
      this.#say(entry.name, entry, page)
      this.#cursor = entry.revision
      return true
    })
    if (complete) this.#cursor = this.#collection.revision
    for (const name of this.#doubted) {
      if (page.isFull) return false
      this.#doubted.delete(name)
      this.#say(name, this.#collection.get(name), page)
    }
    for (const name of this.#unsure) {
      if (page.isFull) return false
      this.#unsure.delete(name)
      const entry = this.#collection.get(name)
      if (!entry || !this.#told.has(name) || !this.sees(entry)) this.#say(name, entry, page)
    }
    return complete
  }

  #say(name: string, entry: AddressEntry | undefined, page: Page): void {
    if (entry?.resource && this.#wants(entry) && this.sees(entry)) {
      this.#told.add(name)
      page.put(entry.resource)
    } else if (this.#told.delete(name)) page.remove(name)
  }

  #wants({ name, resource }: AddressEntry): boolean {
    const aliases = resource?.aliases ?? []
    return this.#wanted.has(name) || aliases.some((alias) => this.#wanted.has(alias))
  }
}
