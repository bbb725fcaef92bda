import type { Clock } from '../base/clock.ts'
import type { Cell } from '../base/meters.ts'
import type { IpAddress, IpFamily } from '../ip/address.ts'
import type { Hostname } from '../registry/hostname.ts'
import { Gate } from './gate.ts'

/**
 * Asks the upstreams for the addresses of a name, never the mesh; follows aliases.
 *
 * A name that does not exist has no addresses. Rejects when nobody could be asked.
 */
export type Lookup = (name: Hostname, family: IpFamily) => Promise<LookedUp>

export interface LookedUp {
  readonly addresses: readonly IpAddress[]
  /** Of the shortest-lived record that led there; of the denial when there is no address. */
  readonly ttlSeconds: number
}

export interface Resolved {
  readonly addresses: readonly IpAddress[]
  /** Counts the uses of the name, for going round its addresses. */
  readonly turn: number
  /** Why the last look-up failed, when no family could be asked. */
  readonly error: unknown
}

export interface NameCacheOptions {
  readonly clock: Clock
  readonly lookup: Lookup
  readonly maxNames: number
  readonly maxLookups: number
  readonly failures: Cell
}

/** A name whose look-up failed is not asked again before this. */
const retryMs = 5_000
const minimumTtlSeconds = 1
const maximumTtlSeconds = 86_400

interface Entry {
  /** By family; a family that was never found out is missing. */
  readonly known: Map<IpFamily, readonly IpAddress[]>
  freshUntil: number
  turn: number
  error: unknown
  refreshing: Promise<void> | undefined
}

/**
 * The addresses of endpoint names, for as long as their records live.
 *
 * Nothing is asked while nobody uses a name; those who use one at the same time share a look-up. When
 * a look-up fails, the last good addresses stay in use and further attempts keep nobody waiting.
 */
export class NameCache {
  readonly #options: NameCacheOptions
  readonly #gate: Gate
  /** Least recently used first. */
  readonly #entries = new Map<Hostname, Entry>()

  constructor(options: NameCacheOptions) {
    this.#options = options
    this.#gate = new Gate(options.maxLookups)
  }

  async resolve(name: Hostname): Promise<Resolved> {
    const entry = this.#entryOf(name)
    if (entry.freshUntil <= this.#options.clock.now()) {
      entry.refreshing ??= this.#gate.run(() => this.#refresh(name, entry))
      const usable = entry.error !== undefined && entry.known.size > 0
      if (!usable) await entry.refreshing
    }
    entry.turn += 1
    const addresses = [...entry.known.values()].flat()
    return { addresses, turn: entry.turn, error: entry.error }
  }

  #entryOf(name: Hostname): Entry {
    const held = this.#entries.get(name)
    const entry = held ?? { known: new Map(), ...never }
    this.#entries.delete(name)
    this.#entries.set(name, entry)
    if (this.#entries.size > this.#options.maxNames) {
      for (const [oldest] of this.#entries) {
        this.#entries.delete(oldest)
        break
      }
    }
    return entry
  }

  /** Never rejects. */
  async #refresh(name: Hostname, entry: Entry): Promise<void> {
    const { clock, lookup, failures } = this.#options
    const families: readonly IpFamily[] = [4, 6]
    const asked = await Promise.allSettled(families.map(async (family) => lookup(name, family)))
    const found: LookedUp[] = []
    let error: unknown
    for (const [at, family] of families.entries()) {
      const result = asked[at]
      if (result?.status === 'fulfilled') {
        entry.known.set(family, result.value.addresses)
        found.push(result.value)
      } else {
        failures.value += 1
        error = result?.reason ?? new Error('no result')
      }
    }
    // One family is enough; what was known of the other stays in use.
    entry.error = found.length > 0 ? undefined : error
    entry.freshUntil = clock.now() + (found.length > 0 ? lifeTimeMs(found) : retryMs)
    entry.refreshing = undefined
  }
}

const never = { freshUntil: 0, turn: -1, error: undefined, refreshing: undefined }

/** The shortest of those that found something; else of all. */
function lifeTimeMs(found: readonly LookedUp[]): number {
  const useful = found.filter(({ addresses }) => addresses.length > 0)
  const considered = useful.length > 0 ? useful : found
  const shortest = Math.min(...considered.map(({ ttlSeconds }) => ttlSeconds))
  return Math.min(Math.max(shortest, minimumTtlSeconds), maximumTtlSeconds) * 1_000
}
