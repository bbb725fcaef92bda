import type { IpAddress } from '../ip/address.ts'
import type { Hostname } from './hostname.ts'

/** A port as SRV questions know it: `_name._protocol`. */
export interface NamedPort {
  /** Lower case; empty where the port of a Kubernetes Service has none. */
  readonly name: string
  readonly protocol: 'tcp' | 'udp' | 'sctp'
  readonly number: number
}

/** One endpoint with a name of its own below the host: of a headless service, or of a Kubernetes Service. */
export interface NamedEndpoint {
  /** What stands before the host's name: a label, or two where the second one is the endpoint's cluster. */
  readonly label: string
  readonly addresses: readonly IpAddress[]
  readonly ports: readonly NamedPort[]
}

/** Of services of a set of clusters (Kubernetes: KEP-1645). */
export const clusterSetDomain = 'clusterset.local'

/** What makes the host of a Kubernetes Service different: it is answered as the cluster's own DNS would. */
export interface ClusterName {
  /** Such as `cluster.local`, or `clusterSetDomain`; the host is `NAME.NAMESPACE.svc.DOMAIN`. */
  readonly domain: string
  /** Its addresses are those of its endpoints; without any it does not exist. */
  readonly headless: boolean
}

/**
 * What the resolver must know of one host. Plain data: it crosses threads and sockets as it is.
 */
export interface NameRecord {
  readonly host: Hostname
  /** Other names of the same host, such as `web.ns1` of a Kubernetes Service; lower case. */
  readonly aliases: readonly string[]
  /** A and AAAA answers, in order. */
  readonly addresses: readonly IpAddress[]
  /** Addresses whose reverse name belongs to this host. */
  readonly reverse: readonly IpAddress[]
  /** The host is another name for this one. */
  readonly externalName?: string
  readonly cluster?: ClusterName
  readonly ports: readonly NamedPort[]
  readonly endpoints: readonly NamedEndpoint[]
  /** Life time of answers in seconds, when not the configured one. */
  readonly ttlSeconds?: number
}

/** What changed between two tables: records to put (new or changed) and hosts to drop. */
export interface NameTableDelta {
  readonly put: readonly NameRecord[]
  readonly drop: readonly Hostname[]
}
