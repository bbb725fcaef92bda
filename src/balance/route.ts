import type { IpAddress } from '../ip/address.ts'
import type { Hostname } from '../registry/hostname.ts'
import type { Place } from '../registry/nearness.ts'
import type { Endpoint, EndpointTarget, Resolution, Service } from '../registry/service.ts'
import type { MeshHost } from '../registry/view.ts'
import { distanceOf } from './distance.ts'

/**
 * Where the connections to one port of one host go. Immutable.
 *
 * It is the first service that says which endpoints are preferred, also among those that other services of the host
 * bring: the host is one service to whoever connects.
 */
export interface Route {
  readonly host: Hostname
  readonly namespace: string
  /** The service's port, which the client dialled. */
  readonly port: number
  /** Upper case; empty when nobody said. */
  readonly protocol: string
  /** That of the first service which declares the port. */
  readonly resolution: Resolution
  /** Resolution NONE only: the port that is really dialled. */
  readonly targetPort?: number
  /** Ready ones that serve this port, of all services of the host, and that may be used from here; no key twice. */
  readonly endpoints: readonly RouteEndpoint[]
  /** Whether some of them are nearer than others. */
  readonly hasNearer: boolean
  /** The first service that declares the port: Kubernetes before others, then the oldest. */
  readonly service: Service
}

/** An endpoint as one port of a service sees it. */
export interface RouteEndpoint {
  /** Equal for the same target and port, also in a later table. */
  readonly key: string
  readonly target: EndpointTarget
  /** Second addresses of the same endpoint (dual stack). */
  readonly otherAddresses: readonly IpAddress[]
  /** The endpoint's own port; 0 for a unix socket. */
  readonly port: number
  readonly weight: number
  /** As `distanceOf` counts; 0 for all where none is preferred. */
  readonly distance: number
}

/** Whose connections are routed. */
export interface Client {
  /** The same object as long as it is at the same place. */
  readonly place: Place
}

/** The routes of one address or range. */
export interface RoutesByPort {
  readonly host: Hostname
  at(port: number): Route | undefined
}

/**
 * The routes of a host: every port that any of its services declares, served by the endpoints of all
 * services that know the port. Several entries of one host are so one host (each brings its own ports).
 */
export class HostRoutes implements RoutesByPort {
  readonly seen: MeshHost
  readonly #client: Client
  /** When first asked for; most never are. */
  #made: Map<number, Route | undefined> | undefined
  /** Where the client was then. */
  #madeFor: Place | undefined

  constructor(seen: MeshHost, client: Client) {
    this.seen = seen
    this.#client = client
  }

  get host(): Hostname {
    return this.seen.host
  }

  at(port: number): Route | undefined {
    const { place } = this.#client
    if (!this.#made || this.#madeFor !== place) this.#made = new Map()
    this.#madeFor = place
    if (!this.#made.has(port)) this.#made.set(port, makeRoute(this.seen, port, place))
    return this.#made.get(port)
  }
}

/**
 * The routes of one endpoint of a headless service, whose own address clients dial: straight on, to
 * the port that was dialled.
 */
export class DirectRoutes implements RoutesByPort {
  readonly #service: Service
  readonly #endpoint: Endpoint

  constructor(service: Service, endpoint: Endpoint) {
    this.#service = service
    this.#endpoint = endpoint
  }

  get host(): Hostname {
    return this.#service.host
  }

  at(port: number): Route | undefined {
    const service = this.#service
    const number = [...this.#endpoint.ports].find(([, own]) => own === port)?.[0]
    const declared = service.ports.find((candidate) => candidate.number === number)
    if (!declared || !isCarried(declared)) return undefined
    const { host, namespace } = service
    const { protocol } = declared
    return { host, namespace, port, protocol, resolution: 'NONE', ...noEndpoints, service }
  }
}

const noEndpoints = { endpoints: [], hasNearer: false } as const

function makeRoute({ host, services }: MeshHost, port: number, client: Place): Route | undefined {
  const declaring = services.filter((service) => portOf(service, port))
  const service = declaring[0]
  const declared = service && portOf(service, port)
  if (!service || !declared) return undefined
  const { namespace, resolution, nearness } = service
  const { protocol, targetPort } = declared
  const distanceFrom = (endpoint: Endpoint) =>
    nearness ? distanceOf(endpoint, client, nearness) : 0
  const distinct = withoutRepeats(
    declaring.flatMap((each) => endpointsOf(each, port, distanceFrom)),
  )
  // Istio: only the first instance counts.
  const first = resolution === 'DNS_ROUND_ROBIN' ? distinct.slice(0, 1) : distinct
  const endpoints = nearness?.strict ? first.filter(({ distance }) => distance === 0) : first
  const hasNearer = endpoints.some(({ distance }) => distance !== endpoints[0]?.distance)
  const route = { host, namespace, port, protocol, resolution, endpoints, hasNearer, service }
  return targetPort === undefined ? route : { ...route, targetPort }
}

function portOf(service: Service, port: number) {
  return service.ports.find(({ number, protocol }) => number === port && isCarried({ protocol }))
}

function endpointsOf(
  service: Service,
  port: number,
  distanceFrom: (endpoint: Endpoint) => number,
): RouteEndpoint[] {
  const ready = service.endpoints.filter(({ healthy }) => healthy || service.publishNotReady)
  return ready.flatMap((endpoint) => {
    const own = endpoint.ports.get(port)
    if (own === undefined) return []
    const { target, otherAddresses, weight } = endpoint
    const distance = distanceFrom(endpoint)
    return [{ key: keyOf(target, own), target, otherAddresses, port: own, weight, distance }]
  })
}

function withoutRepeats(endpoints: readonly RouteEndpoint[]): RouteEndpoint[] {
  const seen = new Set<string>()
  return endpoints.filter(({ key }) => !seen.has(key) && seen.add(key))
}

function keyOf(target: EndpointTarget, port: number): string {
  switch (target.kind) {
    case 'ip':
      return `${target.address} ${port}`
    case 'name':
      return `${target.name} ${port}`
    case 'unix':
      return target.path
  }
}

/** Only TCP is; nobody who speaks UDP or SCTP connects to us. */
function isCarried({ protocol }: Pick<Service['ports'][number], 'protocol'>): boolean {
  return protocol !== 'UDP' && protocol !== 'SCTP'
}
