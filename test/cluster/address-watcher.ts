import { setTimeout } from 'node:timers/promises'
import { wantedOwners } from '../../src/allocate/wanted.ts'
import type { PlainMap } from '../../src/documents/plain-map.ts'
import type { IpAddress } from '../../src/ip/address.ts'
import { type AllocationEntry, readEntry } from '../../src/kubernetes/allocation/entry.ts'
import { EntryTable } from '../../src/kubernetes/allocation/entry-table.ts'
import { addressesOf } from '../../src/kubernetes/allocation/standing-ledger.ts'
import { ApiFailure } from '../../src/kubernetes/client/api-failure.ts'
import type { ClusterClient } from '../../src/kubernetes/client/cluster-client.ts'
import type { Hostname } from '../../src/registry/hostname.ts'
import {
  type VirtualOwner,
  type VirtualPair,
  virtualOwner,
} from '../../src/registry/virtual-addresses.ts'

const path = '/apis/networking.istio.io/v1/serviceentries'

/** Sees every version of every entry in the order of the store, and whether a promise is broken in one. */
export class AddressWatcher {
  readonly table = new EntryTable()
  readonly broken: string[] = []
  moves = 0
  events = 0
  /** Nobody else ever has an address, since nothing rests for so short a time. */
  readonly #owners = new Map<IpAddress, VirtualOwner>()
  readonly #shown = new Map<VirtualOwner, { readonly pair: VirtualPair; readonly at: number }>()
  /** What owners had to leave since somebody claimed it; other entries may say it for a while. */
  readonly #left = new Map<VirtualOwner, Set<string>>()
  readonly #claims = new Map<IpAddress, number>()
  readonly #claimedUntil = new Map<IpAddress, number>()
  readonly #history: string[] = []
  readonly #ending = new AbortController()
  #watching: Promise<void> | undefined
  /** Seen last; none when the server forgot it. */
  #version: string | undefined

  async start(client: ClusterClient): Promise<this> {
    this.#version = await this.#list(client)
    this.#watching = this.#run(client)
    return this
  }

  async stop(): Promise<void> {
    this.#ending.abort()
    await this.#watching
  }

  async #run(client: ClusterClient): Promise<void> {
    const { signal } = this.#ending
    while (!signal.aborted) {
      try {
        this.#version ??= await this.#list(client)
        await this.#follow(client, this.#version)
      } catch (error) {
        // The server is away.
        if (!(error instanceof ApiFailure)) throw error
        if (error.status === 410) this.#version = undefined
        await setTimeout(100)
      }
    }
  }

  async #follow(client: ClusterClient, resourceVersion: string): Promise<void> {
    await client.watch({
      path,
      query: { resourceVersion },
      signal: this.#ending.signal,
      onEvent: (type, raw) => {
        const isError = type === 'ERROR'
        this.#version = isError
          ? undefined
          : String((raw['metadata'] as PlainMap)['resourceVersion'])
        if (!isError) this.#take(type, raw)
      },
    })
  }

  /** What came between is not seen where the server forgot it. */
  async #list(client: ClusterClient): Promise<string> {
    const { metadata, items } = await client.call({ path })
    const listed = items as readonly PlainMap[]
    const keys = new Set(listed.map((raw) => readEntry(raw)?.key))
    for (const entry of this.table.entries().values()) {
      if (!keys.has(entry.key)) this.#takeEntry('DELETED', entry)
    }
    for (const raw of listed) this.#take('ADDED', raw)
    return String((metadata as PlainMap)['resourceVersion'])
  }

  /** Owners that want addresses and do not have two in each entry that declares them. */
  *lacking(): Generator<string> {
    for (const host of this.table.hosts()) {
      for (const { owner } of wantedOwners(this.table.declarations(host))) {
        for (const entry of this.table.declaring(host)) {
          if (!entry.wanted.has(host) || virtualOwner(entry.namespace, host) !== owner) continue
          const { v4, v6 } = entry.status.pairs.get(host) ?? {}
          const standing = this.table.standing(host, entry.namespace)
          const isComplete = v4 !== undefined && v6 !== undefined
          if (!isComplete || v4 !== standing?.v4 || v6 !== standing.v6) yield `${entry.key} ${host}`
        }
      }
    }
  }

  #take(type: string, raw: PlainMap): void {
    const entry = readEntry(raw)
    if (entry) this.#takeEntry(type, entry)
  }

  #takeEntry(type: string, entry: AllocationEntry): void {
    this.events += 1
    this.#history.push(describe(type, entry))
    const before = this.table.get(entry.key)
    for (const address of before?.addresses ?? []) this.#unclaim(address)
    const isGone = type === 'DELETED'
    for (const address of isGone ? [] : entry.addresses) {
      this.#claims.set(address, (this.#claims.get(address) ?? 0) + 1)
    }
    this.table.take(isGone ? { put: [], gone: [entry] } : { put: [entry], gone: [] })
    for (const host of new Set([...(before?.hosts ?? []), ...entry.hosts])) {
      this.#check(host, entry, `${type} ${entry.key} ${entry.resourceVersion}`)
    }
  }

  #unclaim(address: IpAddress): void {
    this.#claims.set(address, (this.#claims.get(address) ?? 1) - 1)
    this.#claimedUntil.set(address, this.events)
  }

  #check(host: Hostname, { namespace, status }: AllocationEntry, when: string): void {
    const owner = virtualOwner(namespace, host)
    const isWanted = wantedOwners(this.table.declarations(host)).some((one) => one.owner === owner)
    if (!isWanted) this.#shown.delete(owner)
    const pair = isWanted ? this.table.standing(host, namespace) : undefined
    if (!pair) return
    for (const address of addressesOf(pair)) {
      const other = this.#owners.get(address)
      if (other === undefined) this.#owners.set(address, owner)
      else if (other !== owner) this.#break(`${when}: ${owner} has ${address} of ${other}`, host)
    }
    const before = this.#shown.get(owner)
    if (before && addressesOf(before.pair).every((one) => one === pair.v4 || one === pair.v6))
      return
    const [from, to] = [before?.pair ?? {}, pair].map((one) => addressesOf(one).join(' '))
    const isWritten = addressesOf(status.pairs.get(host) ?? {}).join(' ') === to
    // The first entry that was told of a move is out of it, and the next one is not told yet.
    if (before && !isWritten && this.#left.get(owner)?.has(to ?? '')) return
    this.#shown.set(owner, { pair, at: this.events })
    if (!before) return
    this.moves += 1
    const wasClaimed = addressesOf(before.pair).some(
      (one) => (this.#claims.get(one) ?? 0) > 0 || (this.#claimedUntil.get(one) ?? -1) >= before.at,
    )
    if (wasClaimed) this.#left.set(owner, new Set([...(this.#left.get(owner) ?? []), from ?? '']))
    else this.#break(`${when}: ${owner} moved from ${from} to ${to}`, host)
  }

  /** With what came before it. */
  #break(what: string, host: Hostname): void {
    const before = this.#history.filter((line) => line.includes(host)).slice(-12)
    this.broken.push([what, ...before].join('\n'))
  }
}

function describe(type: string, entry: AllocationEntry): string {
  const { key, resourceVersion, wanted, hosts, addresses, status } = entry
  const may = wanted.size > 0 ? 'may have some' : 'may have none'
  return `${type} ${key} ${resourceVersion} ${may}: ${[hosts, addresses, status.addresses].join('; ')}`
}
