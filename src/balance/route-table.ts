import type { IpAddress } from '../ip/address.ts'
import { contains, formatPrefix, type Prefix } from '../ip/prefix.ts'
import type { Hostname } from '../registry/hostname.ts'
import type { Place } from '../registry/nearness.ts'
import { compareServices, type Endpoint, type Service } from '../registry/service.ts'
import type { MeshHost, View } from '../registry/view.ts'
import { PrefixIndex } from './prefix-index.ts'
import { DirectRoutes, HostRoutes, type Route, type RoutesByPort } from './route.ts'

/** What the mesh says of one address and port. */
export type Match =
  | {
      readonly kind: 'route'
      readonly route: Route
      /** Whether the address is ours: nobody answers there but the relay. */
      readonly virtual: boolean
      /** Younger services with the same explicit address and port; a name that the client sends tells them apart. */
      readonly rivals: readonly Route[]
    }
  /** A virtual address whose host does not declare the port. */
  | { readonly kind: 'undeclared'; readonly host: Hostname; readonly port: number }
  /** An address of the virtual ranges that nobody holds (any more). */
  | { readonly kind: 'unassigned' }
  /** Nothing of ours; but services that have no address declare the port. */
  | { readonly kind: 'unknown'; readonly declared: readonly Route[] }

/** What a relay asks of a table. */
export type Routes = Pick<RouteTable, 'find' | 'isVirtual'>

/**
 * Which service an address and port mean; kept up to date host by host.
 *
 * A host's routes are worked out when it is first dialled, and stay the same objects until it changes, or the place of
 * the client.
 */
export class RouteTable {
  readonly #virtualPrefixes: readonly Prefix[]
  readonly #client = { place: nowhere }
  readonly #hosts = new Map<Hostname, HostRoutes>()
  /** One holder each, but for a moment when an address moves: then the last one counts. */
  readonly #virtual = new Map<IpAddress, RoutesByPort[]>()
  readonly #explicit = new Map<IpAddress, RoutesByPort[]>()
  readonly #prefixes = new PrefixIndex<RoutesByPort>()
  /** Hosts that have no address at all, by port. */
  readonly #unaddressed = new Map<number, Map<Hostname, RoutesByPort>>()

  constructor(view: View, virtualPrefixes: readonly Prefix[]) {
    this.#virtualPrefixes = virtualPrefixes
    for (const seen of view.values()) this.update(seen.host, seen)
  }

  /** Routes for a client that is there from now on. */
  setPlace(place: Place): void {
    this.#client.place = place
  }

  /** Takes the host as it is seen from now on; `undefined` when it is gone. */
  update(host: Hostname, seen: MeshHost | undefined): void {
    const before = this.#hosts.get(host)
    if (before) this.#remove(before)
    this.#hosts.delete(host)
    if (!seen) return
    const routes = new HostRoutes(seen, this.#client)
    this.#hosts.set(host, routes)
    this.#add(routes)
  }

  /**
   * Exact addresses come first (virtual, then explicit), then the most specific range that has the port.
   *
   * Of several services with the same explicit address and port the oldest wins.
   */
  find(address: IpAddress, port: number): Match {
    const virtual = this.#virtual.get(address)?.at(-1)
    const route = virtual?.at(port)
    if (route) return { kind: 'route', route, virtual: true, rivals: [] }
    const holders = this.#explicit.get(address) ?? []
    const explicit = this.#matchOldest(holders, address, port)
    if (explicit) return explicit
    if (virtual) return { kind: 'undeclared', host: virtual.host, port }
    for (const ranged of this.#prefixes.containing(address)) {
      const match = this.#matchOldest(ranged, address, port)
      if (match) return match
    }
    if (!this.isVirtual(address)) return { kind: 'unknown', declared: this.#withoutAddress(port) }
    const [first] = holders
    return first ? { kind: 'undeclared', host: first.host, port } : { kind: 'unassigned' }
  }

  /** Whether only the relay answers there: held by a host, or in the virtual ranges. Never to be dialled. */
  isVirtual(address: IpAddress): boolean {
    if (this.#virtual.has(address)) return true
    return this.#virtualPrefixes.some((prefix) => contains(prefix, address))
  }

  #matchOldest(
    holders: readonly RoutesByPort[],
    address: IpAddress,
    port: number,
  ): Match | undefined {
    const found = holders.map((holder) => holder.at(port)).filter((route) => route !== undefined)
    const [route, ...rivals] = found.sort((a, b) => compareServices(a.service, b.service))
    return route && { kind: 'route', route, virtual: this.isVirtual(address), rivals }
  }

  #add(holder: HostRoutes): void {
    const { host, services, virtual } = holder.seen
    for (const address of virtual) append(this.#virtual, address, holder)
    let isAddressed = virtual.length > 0
    for (const { addresses } of services) {
      for (const address of addresses) appendOnce(this.#explicit, address, holder)
      isAddressed ||= addresses.length > 0
    }
    const prefixes = services.flatMap((service) => service.prefixes)
    for (const prefix of distinct(prefixes)) this.#prefixes.add(prefix, holder)
    for (const service of services) if (service.headless) this.#addHeadless(service)
    if (isAddressed || prefixes.length > 0) return
    for (const port of portsOf(services)) {
      const holders = this.#unaddressed.get(port)
      if (holders) holders.set(host, holder)
      else this.#unaddressed.set(port, new Map([[host, holder]]))
    }
  }

  #remove({ host, seen: { services, virtual } }: HostRoutes): void {
    const isOther = (holder: RoutesByPort) => holder.host !== host
    for (const address of virtual) retain(this.#virtual, address, isOther)
    for (const service of services) {
      for (const address of service.addresses) retain(this.#explicit, address, isOther)
      for (const prefix of service.prefixes) this.#prefixes.retain(prefix, isOther)
      if (!service.headless) continue
      for (const endpoint of service.endpoints) {
        for (const address of ownAddresses(endpoint)) retain(this.#explicit, address, isOther)
      }
    }
    for (const port of this.#unaddressed.size > 0 ? portsOf(services) : []) {
      const holders = this.#unaddressed.get(port)
      if (holders?.delete(host) && holders.size === 0) this.#unaddressed.delete(port)
    }
  }

  #withoutAddress(port: number): readonly Route[] {
    const holders = [...(this.#unaddressed.get(port)?.values() ?? [])]
    return holders.map((holder) => holder.at(port)).filter((route) => route !== undefined)
  }

  /** Clients of a headless service dial its endpoints' own addresses. */
  #addHeadless(service: Service): void {
    for (const endpoint of service.endpoints) {
      const holder = new DirectRoutes(service, endpoint)
      for (const address of ownAddresses(endpoint)) append(this.#explicit, address, holder)
    }
  }
}

/** Until somebody says where the client is. */
const nowhere: Place = {}

/** The table of a view; `virtualPrefixes` are the ranges that virtual addresses are taken from. */
export function buildRouteTable(view: View, virtualPrefixes: readonly Prefix[]): RouteTable {
  return new RouteTable(view, virtualPrefixes)
}

function ownAddresses({ target, otherAddresses }: Endpoint): readonly IpAddress[] {
  return target.kind === 'ip' ? [target.address, ...otherAddresses] : []
}

function portsOf(services: readonly Service[]): ReadonlySet<number> {
  return new Set(services.flatMap((service) => service.ports.map(({ number }) => number)))
}

function distinct(prefixes: readonly Prefix[]): Iterable<Prefix> {
  return new Map(prefixes.map((prefix) => [formatPrefix(prefix), prefix])).values()
}

function append<Key>(lists: Map<Key, RoutesByPort[]>, key: Key, holder: RoutesByPort): void {
  const held = lists.get(key)
  if (held) held.push(holder)
  else lists.set(key, [holder])
}

function appendOnce<Key>(lists: Map<Key, RoutesByPort[]>, key: Key, holder: RoutesByPort): void {
  if (lists.get(key)?.at(-1) !== holder) append(lists, key, holder)
}

function retain<Key>(
  lists: Map<Key, RoutesByPort[]>,
  key: Key,
  isKept: (holder: RoutesByPort) => boolean,
): void {
  const kept = lists.get(key)?.filter(isKept) ?? []
  if (kept.length > 0) lists.set(key, kept)
  else lists.delete(key)
}
