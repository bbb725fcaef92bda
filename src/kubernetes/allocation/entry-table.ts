import type { Declaration } from '../../allocate/wanted.ts'
import type { Hostname } from '../../registry/hostname.ts'
import type { VirtualPair } from '../../registry/virtual-addresses.ts'
import type { AllocationEntry } from './entry.ts'

/** What became different in the table. */
export interface EntryChange {
  /** Keys of entries that came, changed or went. */
  readonly keys: ReadonlySet<string>
  /** Hosts that these declare, or did. */
  readonly hosts: ReadonlySet<Hostname>
}

/** What a reflector of the cluster's ServiceEntries tells. */
export interface EntryNews {
  readonly put: readonly AllocationEntry[]
  readonly gone: readonly AllocationEntry[]
}

/**
 * The ServiceEntries as they stand in the store, as far as we know: by what is watched, and by the
 * answers to what we write, which come sooner.
 */
export class EntryTable {
  readonly #entries = new Map<string, AllocationEntry>()
  /** Oldest first. */
  readonly #byHost = new Map<Hostname, readonly AllocationEntry[]>()
  /** What an answer told us and the watch did not yet. */
  readonly #ahead = new Map<string, AllocationEntry>()
  readonly #followers: ((change: EntryChange) => void)[] = []

  get(key: string): AllocationEntry | undefined {
    return this.#entries.get(key)
  }

  entries(): ReadonlyMap<string, AllocationEntry> {
    return this.#entries
  }

  hosts(): Iterable<Hostname> {
    return this.#byHost.keys()
  }

  /** Of all namespaces, or of one; oldest first. */
  declaring(host: Hostname, namespace?: string): readonly AllocationEntry[] {
    const all = this.#byHost.get(host) ?? []
    if (namespace === undefined) return all
    return all.filter((entry) => entry.namespace === namespace)
  }

  /** What entries say of a host, for the demand. */
  declarations(host: Hostname): readonly Declaration[] {
    return this.declaring(host).map(({ namespace, wanted, addresses, prefixes, createdAt }) => ({
      namespace,
      host,
      addresses,
      prefixes,
      createdAt,
      allocatable: wanted.has(host),
    }))
  }

  /** The word of the oldest entry that may have addresses and has some for this host. */
  standing(host: Hostname, namespace: string): VirtualPair | undefined {
    for (const { wanted, status } of this.declaring(host, namespace)) {
      const pair = wanted.has(host) ? status.pairs.get(host) : undefined
      if (pair) return pair
    }
    return undefined
  }

  /** Calls back after each change. */
  follow(onChange: (change: EntryChange) => void): void {
    this.#followers.push(onChange)
  }

  /** Takes what the watch tells. */
  take({ put, gone }: EntryNews): void {
    const change = { keys: new Set<string>(), hosts: new Set<Hostname>() }
    for (const { key, uid } of gone) {
      if (this.#entries.get(key)?.uid !== uid) continue
      this.#ahead.delete(key)
      this.#replace(key, undefined, change)
    }
    for (const entry of put) {
      const ahead = this.#ahead.get(entry.key)
      if (ahead && compareVersions(entry.resourceVersion, ahead.resourceVersion) < 0) continue
      this.#ahead.delete(entry.key)
      this.#replace(entry.key, entry, change)
    }
    this.#tell(change)
  }

  /**
   * A list of everything is asked for; the callback is for when it was taken, with all that it has.
   *
   * It shows what was answered before, unless the store has lost that: it may be restored from a copy.
   */
  expectList(): (items: ReadonlyMap<string, AllocationEntry>) => void {
    const answered = new Map(this.#ahead)
    return (items) => {
      const lost = [...answered].filter(([key, entry]) => this.#ahead.get(key) === entry)
      for (const [key] of lost) this.#ahead.delete(key)
      this.take({ put: lost.flatMap(([key]) => items.get(key) ?? []), gone: [] })
    }
  }

  /** Takes an answer of the API; nothing is known from it of an entry that went, or came anew. */
  learn(entry: AllocationEntry): void {
    const known = this.#entries.get(entry.key)
    if (known?.uid !== entry.uid) return
    if (compareVersions(entry.resourceVersion, known.resourceVersion) <= 0) return
    this.#ahead.set(entry.key, entry)
    const change = { keys: new Set<string>(), hosts: new Set<Hostname>() }
    this.#replace(entry.key, entry, change)
    this.#tell(change)
  }

  #replace(
    key: string,
    entry: AllocationEntry | undefined,
    change: { readonly keys: Set<string>; readonly hosts: Set<Hostname> },
  ): void {
    const before = this.#entries.get(key)
    if (before?.resourceVersion === entry?.resourceVersion) return
    change.keys.add(key)
    for (const host of before?.hosts ?? []) {
      change.hosts.add(host)
      this.#setDeclaring(
        host,
        this.declaring(host).filter((one) => one !== before),
      )
    }
    for (const host of entry?.hosts ?? []) {
      change.hosts.add(host)
      if (entry) this.#setDeclaring(host, [...this.declaring(host), entry].sort(compareAge))
    }
    if (entry) this.#entries.set(key, entry)
    else this.#entries.delete(key)
  }

  #setDeclaring(host: Hostname, entries: readonly AllocationEntry[]): void {
    if (entries.length === 0) this.#byHost.delete(host)
    else this.#byHost.set(host, entries)
  }

  #tell(change: EntryChange): void {
    if (change.keys.size === 0) return
    for (const onChange of this.#followers) onChange(change)
  }
}

function compareAge(a: AllocationEntry, b: AllocationEntry): number {
  return a.createdAt - b.createdAt || (a.key < b.key ? -1 : 1)
}

/** Versions of one store are numbers that grow (Kubernetes: API concepts, «Resource versions»). */
export function compareVersions(a: string, b: string): number {
  return a.length - b.length || (a < b ? -1 : a > b ? 1 : 0)
}
