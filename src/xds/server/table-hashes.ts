import { TableHash } from '../../translate/discovery/table-hash.ts'
import type { AddressCollection } from './address-collection.ts'
import { seesAny } from './everything-walk.ts'
import type { ProxyScope } from './ports.ts'

/** The hash of what each scope sees, made when somebody asks, and kept until something changes. */
export class TableHashes {
  readonly #collection: AddressCollection
  readonly #hashes = new Map<string, string>()
  #revision = -1

  constructor(collection: AddressCollection) {
    this.#collection = collection
  }

  hashOf(scope: ProxyScope): string {
    if (this.#revision !== this.#collection.revision) {
      this.#hashes.clear()
      this.#revision = this.#collection.revision
    }
    const known = this.#hashes.get(scope.key)
    if (known !== undefined) return known
    const hash = new TableHash()
    for (const { resource, digest } of this.#collection.entries()) {
      if (resource && seesAny(scope, resource.services)) hash.addDigest(digest)
    }
    const text = hash.toString()
    this.#hashes.set(scope.key, text)
    return text
  }
}
