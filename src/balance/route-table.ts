import type { IpAddress } from '../ip/address.ts'
import { contains, formatPrefix, type Prefix } from '../ip/prefix.ts'
import type { Hostname } from '../registry/hostname.ts'
import { compareServices, type Service } from '../registry/service.ts'
import type { MeshHost, View } from '../registry/view.ts'
import { PrefixIndex } from './prefix-index.ts'
import { directRoutes, type Route, type RoutesByPort, routesOf } from './route.ts'

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

interface Holder {
  readonly host: Hostname
  readonly routes: RoutesByPort
}

/**
 * Which service an address and port mean. Immutable; a changed view makes a new table.
 *
 * Made in one pass over the hosts; a host's routes are worked out when it is first dialled.
 */
export class RouteTable {
  readonly #virtualPrefixes: readonly Prefix[]
  readonly #virtual = new Map<IpAddress, Holder>()
  readonly #explicit = new Map<IpAddress, Holder[]>()
  readonly #prefixes = new PrefixIndex<Holder>()
  /** Hosts that have no address at all, by port. */
  readonly #unaddressed = new Map<number, Holder[]>()

  constructor(view: View, virtualPrefixes: readonly Prefix[]) {
    this.#virtualPrefixes = virtualPrefixes
    for (const host of view.values()) this.#add(host)
  }

  /**
   * Exact addresses come first (virtual, then explicit), then the most specific range that has the port.
   *
   * Of several services with the same explicit address and port the oldest wins.
   */
  find(address: IpAddress, port: number): Match {
    const virtual = this.#virtual.get(address)
    const route = virtual?.routes(port)
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

  #matchOldest(holders: readonly Holder[], address: IpAddress, port: number): Match | undefined {
    const found = holders.map(({ routes }) => routes(port)).filter((route) => route !== undefined)
    const [route, ...rivals] = found.sort((a, b) => compareServices(a.service, b.service))
    return route && { kind: 'route', route, virtual: this.isVirtual(address), rivals }
  }

  #add({ host, services, virtual }: MeshHost): void {
    const holder = { host, routes: routesOf({ host, services }) }
    for (const address of virtual) this.#virtual.set(address, holder)
    const addresses = new Set(services.flatMap((service) => service.addresses))
    for (const address of addresses) append(this.#explicit, address, holder)
    const prefixes = services.flatMap((service) => service.prefixes)
    for (const prefix of distinct(prefixes)) this.#prefixes.add(prefix, holder)
    for (const service of services) if (service.headless) this.#addHeadless(service)
    if (virtual.length + addresses.size + prefixes.length > 0) return
    const ports = new Set(services.flatMap((service) => service.ports.map(({ number }) => number)))
    for (const port of ports) append(this.#unaddressed, port, holder)
  }

  #withoutAddress(port: number): readonly Route[] {
    const holders = this.#unaddressed.get(port) ?? []
    return holders.map(({ routes }) => routes(port)).filter((route) => route !== undefined)
  }

  /** Clients of a headless service dial its endpoints' own addresses. */
  #addHeadless(service: Service): void {
    for (const endpoint of service.endpoints) {
      if (endpoint.target.kind !== 'ip') continue
      const holder = { host: service.host, routes: directRoutes(service, endpoint) }
      for (const address of [endpoint.target.address, ...endpoint.otherAddresses]) {
        append(this.#explicit, address, holder)
      }
    }
  }
}

/** The table of a view; `virtualPrefixes` are the ranges that virtual addresses are taken from. */
export function buildRouteTable(view: View, virtualPrefixes: readonly Prefix[]): RouteTable {
  return new RouteTable(view, virtualPrefixes)
}

function distinct(prefixes: readonly Prefix[]): Iterable<Prefix> {
  return new Map(prefixes.map((prefix) => [formatPrefix(prefix), prefix])).values()
}

function append<Key>(lists: Map<Key, Holder[]>, key: Key, holder: Holder): void {
  const held = lists.get(key)
  if (held) held.push(holder)
  else lists.set(key, [holder])
}
