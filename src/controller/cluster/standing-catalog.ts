import type { Ledger } from '../../allocate/ledger.ts'
import type { EntryTable } from '../../kubernetes/allocation/entry-table.ts'
import type { CatalogChange, ServicesByHost } from '../../registry/catalog.ts'
import type { Hostname } from '../../registry/hostname.ts'
import type { Sidecar } from '../../registry/sidecar.ts'
import type { Source } from '../../registry/source.ts'
import {
  type VirtualOwner,
  type VirtualPair,
  virtualOwner,
} from '../../registry/virtual-addresses.ts'
import type { LedgerCatalog } from '../store.ts'

/** What a cluster declares, with the addresses that stand in the status of its ServiceEntries. */
export class StandingCatalog implements LedgerCatalog {
  readonly #source: Source
  readonly #table: EntryTable
  readonly #held = new Map<VirtualOwner, VirtualPair>()
  /** Who holds something, by host. */
  readonly #owners = new Map<Hostname, readonly VirtualOwner[]>()
  readonly #followers: ((change: CatalogChange) => void)[] = []

  constructor(source: Source, table: EntryTable) {
    this.#source = source
    this.#table = table
    for (const host of table.hosts()) this.#take(host)
    table.follow(({ hosts }) => {
      const changed = new Set([...hosts].filter((host) => this.#take(host)))
      if (changed.size > 0) this.#tell({ hosts: changed, sidecars: false })
    })
    source.follow((change) => this.#tell(change))
  }

  services(): ServicesByHost {
    return this.#source.services()
  }

  sidecars(): readonly Sidecar[] {
    return this.#source.sidecars()
  }

  virtualAddresses(): ReadonlyMap<VirtualOwner, VirtualPair> {
    return this.#held
  }

  get ledger(): Ledger {
    return { held: this.#held, resting: new Map() }
  }

  follow(onChange: (change: CatalogChange) => void): void {
    this.#followers.push(onChange)
  }

  #tell(change: CatalogChange): void {
    for (const onChange of this.#followers) onChange(change)
  }

  /** Says whether somebody holds something else than before. */
  #take(host: Hostname): boolean {
    const before = this.#owners.get(host) ?? []
    const old = new Map(before.map((owner) => [owner, this.#held.get(owner)]))
    for (const owner of before) this.#held.delete(owner)
    const namespaces = new Set(this.#table.declaring(host).map(({ namespace }) => namespace))
    const owners: VirtualOwner[] = []
    let changed = false
    for (const namespace of namespaces) {
      const pair = this.#table.standing(host, namespace)
      if (!pair) continue
      const owner = virtualOwner(namespace, host)
      owners.push(owner)
      this.#held.set(owner, pair)
      const was = old.get(owner)
      if (was?.v4 !== pair.v4 || was?.v6 !== pair.v6) changed = true
    }
    if (owners.length === 0) this.#owners.delete(host)
    else this.#owners.set(host, owners)
    return changed || owners.length !== before.length
  }
}
