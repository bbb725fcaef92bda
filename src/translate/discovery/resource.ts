import type { Hostname } from '../../registry/hostname.ts'

/**
 * One resource of workload discovery: a service or a workload, encoded once for all streams that may see
 * it. Immutable.
 */
export interface AddressResource {
  /** `NAMESPACE/HOSTNAME` of a service, uid of a workload. */
  readonly name: string
  /** `NETWORK/IP`, by which it can be asked for as well. */
  readonly aliases: readonly string[]
  /** Made of the content alone: the same also after a restart, and at another controller. */
  readonly version: string
  /** An encoded `envoy.service.discovery.v3.Resource`, complete. */
  readonly octets: Uint8Array
  /** The services that it tells of: a proxy sees it when it sees one of them. */
  readonly services: readonly ServiceReference[]
}

/** A service as far as it decides who sees it. */
export interface ServiceReference {
  readonly namespace: string
  readonly host: Hostname
  readonly exportTo: readonly string[]
}

/** What must be put and dropped to make the resources of one moment those of the next. */
export interface ResourceChange {
  /** New, or different: in content, or (with the version that it had) in who sees it. */
  readonly put: readonly AddressResource[]
  /** Names. */
  readonly drop: readonly string[]
}
