import type { IpAddress } from '../ip/address.ts'

/** Who is at the client's end of a stream, from its node (Istio: node metadata). Immutable. */
export interface Proxy {
  /** The node's id, whole: `TYPE~IP~NAME.NAMESPACE~DOMAIN`. */
  readonly id: string
  readonly type: 'sidecar' | 'router' | 'waypoint' | 'ztunnel'
  /** Of the pod or machine. */
  readonly name: string
  readonly namespace: string
  /** `INSTANCE_IPS`, or the id's; the first is the one that others reach it by. */
  readonly addresses: readonly IpAddress[]
  readonly labels: ReadonlyMap<string, string>
  readonly serviceAccount?: string
  readonly clusterId?: string
  readonly network?: string
  /** REGION/ZONE/SUBZONE. */
  readonly locality?: string
  /** Of the cluster, that it runs on. */
  readonly node?: string
  readonly version?: string
  readonly dnsCapture: boolean
  readonly dnsAutoAllocate: boolean
  /** The WorkloadGroup that it wants to be an entry of. */
  readonly autoRegisterGroup?: string
  /** All of the metadata as it came. */
  readonly metadata: Readonly<Record<string, unknown>>
}
