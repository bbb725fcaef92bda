import type { IpAddress } from '../ip/address.ts'
import type { Prefix } from '../ip/prefix.ts'
import type { Hostname } from './hostname.ts'
import type { Nearness } from './nearness.ts'

/** The object that said so, and where it stands; `explain` and every finding show it. */
export interface Origin {
  readonly kind: string
  readonly namespace: string
  readonly name: string
  /** File, or another source's word for where it came from. */
  readonly file: string
  /** Of the object's first line; counted from 1. */
  readonly line: number
}

/** How endpoints of a ServiceEntry are found (Istio: ServiceEntry.Resolution). */
export type Resolution = 'NONE' | 'STATIC' | 'DNS' | 'DNS_ROUND_ROBIN' | 'DYNAMIC_DNS'

export interface ServicePort {
  readonly number: number
  readonly name: string
  /** Upper case as in Istio (`TCP`, `HTTP`, `TLS`, …); empty when nobody said. */
  readonly protocol: string
  /** Resolution NONE only: the port that is really dialled. */
  readonly targetPort?: number
}

export type EndpointTarget =
  | { readonly kind: 'ip'; readonly address: IpAddress }
  /** A name, resolved through the upstreams and never through the mesh. */
  | { readonly kind: 'name'; readonly name: Hostname }
  /** A path, or an abstract name that begins with `@`. */
  | { readonly kind: 'unix'; readonly path: string }

/** Where a service runs. */
export interface Endpoint {
  readonly target: EndpointTarget
  /** Second addresses of the same endpoint (dual stack). */
  readonly otherAddresses: readonly IpAddress[]
  /** From the service's port number to the endpoint's; a port that is missing is not served here. */
  readonly ports: ReadonlyMap<number, number>
  /** Share of the load among its peers, 1 when nobody said. */
  readonly weight: number
  readonly healthy: boolean
  /** What stands before the host in the endpoint's own name below a headless service; with the cluster, for imports. */
  readonly hostname?: string
  readonly locality?: string
  readonly network?: string
  /** Name of the cluster's node that it runs on. */
  readonly node?: string
  /** Of its identity; missing where it has none. */
  readonly serviceAccount?: string
  readonly origin: Origin
}

/** What one object says of one host: a service of the mesh. Immutable. */
export interface Service {
  readonly host: Hostname
  readonly namespace: string
  /** Kubernetes beats External where both know a host. */
  readonly registry: 'Kubernetes' | 'External'
  /** The Kubernetes Service's name: what short names are made of. */
  readonly shortName?: string
  /** Explicit addresses, in the order given: `spec.addresses` or cluster IPs. */
  readonly addresses: readonly IpAddress[]
  /** Explicit ranges: they match connections but answer no question. */
  readonly prefixes: readonly Prefix[]
  /** Whether a virtual address is wanted when nobody gives an explicit one. */
  readonly allocatable: boolean
  readonly ports: readonly ServicePort[]
  readonly resolution: Resolution
  readonly endpoints: readonly Endpoint[]
  /** The host's addresses are those of its endpoints. */
  readonly headless: boolean
  /** Endpoints count although they are not ready (`publishNotReadyAddresses`). */
  readonly publishNotReady: boolean
  /** Which endpoints are preferred; missing when all are alike. */
  readonly nearness?: Nearness
  /** The host is another name for this one (Service of type ExternalName). */
  readonly externalName?: Hostname
  /** Namespaces that may see it: `*`, or names. */
  readonly exportTo: readonly string[]
  /** Life time of answers in seconds, when not the configured one. */
  readonly ttlSeconds?: number
  /** Milliseconds since 1970; 0 when nobody said. */
  readonly createdAt: number
  readonly origin: Origin
}

/** Oldest first; equals by namespace, name and host, so that order never depends on arrival. */
export function compareServices(a: Service, b: Service): number {
  return (
    a.createdAt - b.createdAt ||
    compareText(a.namespace, b.namespace) ||
    compareText(a.origin.name, b.origin.name) ||
    compareText(a.host, b.host)
  )
}

/** Whose word on a host comes first: Kubernetes before External, then the oldest. */
export function comparePrecedence(a: Service, b: Service): number {
  const kubernetes = (service: Service) => (service.registry === 'Kubernetes' ? 0 : 1)
  return kubernetes(a) - kubernetes(b) || compareServices(a, b)
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
