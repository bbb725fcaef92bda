import { familyOf, type IpAddress } from '../ip/address.ts'
import { contains, formatPrefix, type Prefix } from '../ip/prefix.ts'
import type { Hostname } from '../registry/hostname.ts'
import type { Service } from '../registry/service.ts'
import type { MeshHost, View } from '../registry/view.ts'
import { normalizePrefixes } from './address-set.ts'

interface Counted {
  readonly prefix: Prefix
  readonly hosts: number
}

/**
 * The addresses and ranges whose connections the relay shall carry besides `virtualPrefixes`, which
 * are caught as a whole: the explicit ones of services that have endpoints, or find them by name, and
 * virtual ones that are held since the prefixes were others. Kept up to date host by host.
 *
 * A service of resolution NONE is reached at its address as it is, and one without endpoints nowhere.
 */
export class CapturedAddresses {
  readonly #virtualPrefixes: readonly Prefix[]
  readonly #byHost = new Map<Hostname, ReadonlyMap<string, Prefix>>()
  readonly #counts = new Map<string, Counted>()
  #normalized: readonly Prefix[] | undefined

  constructor(virtualPrefixes: readonly Prefix[]) {
    this.#virtualPrefixes = virtualPrefixes
  }

  /** In order, ranges within other ranges left out; the same array as long as nothing changed. */
  prefixes(): readonly Prefix[] {
    this.#normalized ??= normalizePrefixes([...this.#counts.values()].map(({ prefix }) => prefix))
    return this.#normalized
  }

  /** Takes the host as it is seen from now on; `undefined` when it is gone. */
  update(host: Hostname, seen: MeshHost | undefined): void {
    const before = this.#byHost.get(host) ?? none
    const after = seen ? this.#prefixesOf(seen) : none
    for (const [key, prefix] of after) if (!before.has(key)) this.#count(key, prefix, 1)
    for (const [key, prefix] of before) if (!after.has(key)) this.#count(key, prefix, -1)
    if (after.size > 0) this.#byHost.set(host, after)
    else this.#byHost.delete(host)
  }

  #prefixesOf({ services, virtual }: MeshHost): ReadonlyMap<string, Prefix> {
    const prefixes = virtual.filter((address) => !this.#isCaught(address)).map(only)
    // Endpoints of one entry serve the addresses of all that declare the host.
    if (services.some(isCarried)) {
      for (const { addresses, prefixes: ranges } of services) {
        prefixes.push(...addresses.map(only), ...ranges)
      }
    }
    if (prefixes.length === 0) return none
    return new Map(prefixes.map((prefix) => [formatPrefix(prefix), prefix]))
  }

  #isCaught(address: IpAddress): boolean {
    return this.#virtualPrefixes.some((prefix) => contains(prefix, address))
  }

  #count(key: string, prefix: Prefix, more: number): void {
    const known = this.#counts.get(key)
    const hosts = (known?.hosts ?? 0) + more
    if (hosts === 0 || hosts === more) this.#normalized = undefined
    if (hosts === 0) this.#counts.delete(key)
    else this.#counts.set(key, { prefix: known?.prefix ?? prefix, hosts })
  }
}

/** The addresses and ranges of a whole view. */
export function capturedAddresses(
  view: View,
  virtualPrefixes: readonly Prefix[],
): readonly Prefix[] {
  const captured = new CapturedAddresses(virtualPrefixes)
  for (const seen of view.values()) captured.update(seen.host, seen)
  return captured.prefixes()
}

const none: ReadonlyMap<string, Prefix> = new Map()

function only(network: IpAddress): Prefix {
  return { network, length: familyOf(network) === 4 ? 32 : 128 }
}

function isCarried({ resolution, endpoints }: Service): boolean {
  if (resolution === 'NONE') return false
  return resolution !== 'STATIC' || endpoints.length > 0
}
