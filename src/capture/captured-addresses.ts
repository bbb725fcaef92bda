import { familyOf, type IpAddress } from '../ip/address.ts'
import { commonPrefix, contains, formatPrefix, type Prefix } from '../ip/prefix.ts'
import type { Hostname } from '../registry/hostname.ts'
import type { Service } from '../registry/service.ts'
import type { MeshHost, View } from '../registry/view.ts'
import { type AddressSet, changeSingles, noAddresses, normalizePrefixes } from './address-set.ts'

/**
 * The addresses and ranges whose connections the relay shall carry besides `virtualPrefixes`, which
 * are caught as a whole: the explicit ones of services that have endpoints, or find them by name, and
 * virtual ones that are held since the prefixes were others. Kept up to date host by host.
 *
 * Of the explicit ones only those within `included` count, if any ranges are given.
 * A service of resolution NONE is reached at its address as it is, and one without endpoints nowhere.
 */
export class CapturedAddresses {
  readonly #virtualPrefixes: readonly Prefix[]
  readonly #included: readonly Prefix[]
  /** Hosts that have none are left out. */
  readonly #byHost = new Map<Hostname, readonly Prefix[]>()
  /** How many hosts have each, by its key. */
  readonly #counts = new Map<string, number>()
  /** Those that hold more than one address. */
  readonly #ranges = new Map<string, Prefix>()
  /** What came or went since the set was made. */
  readonly #changed = new Map<string, Prefix>()
  #set = noAddresses

  constructor(virtualPrefixes: readonly Prefix[], included: readonly Prefix[] = []) {
    this.#virtualPrefixes = virtualPrefixes
    this.#included = included
  }

  /** In order, ranges within other ranges left out; the same array as long as nothing changed. */
  prefixes(): AddressSet {
    if (this.#changed.size === 0) return this.#set
    const changed = [...this.#changed.values()]
    this.#changed.clear()
    // A range may hide others, or no longer do so.
    if (changed.length > maxSingleChanges || changed.some(isRange)) this.#set = this.#makeSet()
    else this.#set = this.#withChanges(changed)
    return this.#set
  }

  /** Takes the host as it is seen from now on; `undefined` when it is gone. */
  update(host: Hostname, seen: MeshHost | undefined): void {
    const before = this.#byHost.get(host) ?? none
    const after = seen ? this.#prefixesOf(seen) : none
    for (const prefix of after) this.#count(prefix, 1)
    for (const prefix of before) this.#count(prefix, -1)
    if (after.length > 0) this.#byHost.set(host, after)
    else if (before.length > 0) this.#byHost.delete(host)
  }

  #prefixesOf({ services, virtual }: MeshHost): readonly Prefix[] {
    const uncaught = virtual.every((address) => this.#isCaught(address))
      ? none
      : virtual.filter((address) => !this.#isCaught(address)).map(only)
    // Endpoints of one entry serve the addresses of all that declare the host.
    if (!services.some(isCarried)) return uncaught
    const explicit = services.map(({ addresses, prefixes }) => [
      ...addresses.map(only),
      ...prefixes,
    ])
    return uncaught.concat(...explicit.map((prefixes) => this.#within(prefixes)))
  }

  #within(prefixes: readonly Prefix[]): readonly Prefix[] {
    if (this.#included.length === 0) return prefixes
    return prefixes.flatMap((prefix) =>
      this.#included.map((range) => commonPrefix(prefix, range)).filter((one) => one !== undefined),
    )
  }

  #isCaught(address: IpAddress): boolean {
    return this.#virtualPrefixes.some((prefix) => contains(prefix, address))
  }

  #count(prefix: Prefix, more: 1 | -1): void {
    const key = keyOf(prefix)
    const hosts = (this.#counts.get(key) ?? 0) + more
    if (hosts > 0) this.#counts.set(key, hosts)
    else this.#counts.delete(key)
    if (hosts !== 0 && hosts !== more) return
    this.#changed.set(key, prefix)
    if (!isRange(prefix)) return
    if (hosts > 0) this.#ranges.set(key, prefix)
    else this.#ranges.delete(key)
  }

  #makeSet(): AddressSet {
    const all = [...this.#byHost.values()].flat()
    return normalizePrefixes(all)
  }

  #withChanges(changed: readonly Prefix[]): AddressSet {
    const ranges = [...this.#ranges.values()]
    const seen = changed.filter(({ network }) => !ranges.some((range) => contains(range, network)))
    const [added, gone] = partition(seen, (prefix) => this.#counts.has(keyOf(prefix)))
    return changeSingles(this.#set, { added, gone })
  }
}

/** The addresses and ranges of a whole view. */
export function capturedAddresses(
  view: View,
  virtualPrefixes: readonly Prefix[],
  included: readonly Prefix[] = [],
): AddressSet {
  const captured = new CapturedAddresses(virtualPrefixes, included)
  for (const seen of view.values()) captured.update(seen.host, seen)
  return captured.prefixes()
}

/** With more it is cheaper to make the set anew. */
const maxSingleChanges = 100

const none: readonly Prefix[] = []

function only(network: IpAddress): Prefix {
  return { network, length: familyOf(network) === 4 ? 32 : 128 }
}

function isCarried({ resolution, endpoints }: Service): boolean {
  if (resolution === 'NONE') return false
  return resolution !== 'STATIC' || endpoints.length > 0
}

/** The address itself where it is only one, so that no text is made for it. */
function keyOf(prefix: Prefix): string {
  return isRange(prefix) ? formatPrefix(prefix) : prefix.network
}

function isRange({ network, length }: Prefix): boolean {
  return length < (familyOf(network) === 4 ? 32 : 128)
}

function partition<T>(all: readonly T[], isFirst: (one: T) => boolean): readonly [T[], T[]] {
  return [all.filter(isFirst), all.filter((one) => !isFirst(one))]
}
