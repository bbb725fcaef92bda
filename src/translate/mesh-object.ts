import type { ProxyResource } from '../config/proxy-resource.ts'
import type { ReadinessProbe } from '../config/readiness-probe.ts'
import type { ObjectDocument } from '../documents/documents.ts'
import type { IpAddress } from '../ip/address.ts'
import type { Prefix } from '../ip/prefix.ts'
import type { Hostname } from '../registry/hostname.ts'
import type { EndpointTarget, Origin, Resolution } from '../registry/service.ts'
import type { EgressHosts } from '../registry/sidecar.ts'
import type { TrafficDistribution } from './traffic-distribution.ts'

/** A checked object of one of the kinds that we understand. Immutable. */
export type MeshObject =
  | ServiceEntry
  | WorkloadEntry
  | WorkloadGroup
  | ProxyConfigObject
  | KubernetesService
  | EndpointSlice
  | Pod
  | SidecarObject
  | ServiceImport
  | NodeObject
  | NamespaceObject

export type Labels = ReadonlyMap<string, string>

/** What every object has. */
export interface ObjectMeta {
  /** Empty for what is in none: Nodes and Namespaces. */
  readonly namespace: string
  readonly name: string
  readonly labels: Labels
  readonly annotations: Labels
  /** Milliseconds since 1970; 0 when nobody said. */
  readonly createdAt: number
  /** The annotation `meshdns.io/ttl`. */
  readonly ttlSeconds?: number
  readonly origin: Origin
  /** Where it was read from, for findings that need several objects. */
  readonly document: ObjectDocument
}

/** Istio: ServiceEntry. */
export interface ServiceEntry {
  readonly kind: 'ServiceEntry'
  readonly meta: ObjectMeta
  /** In the order given, each once. */
  readonly hosts: readonly Hostname[]
  readonly addresses: readonly IpAddress[]
  readonly prefixes: readonly Prefix[]
  readonly ports: readonly EntryPort[]
  readonly location: 'MESH_EXTERNAL' | 'MESH_INTERNAL'
  readonly resolution: Resolution
  readonly endpoints: readonly WorkloadSpec[]
  /** Empty selects every workload of the namespace. */
  readonly selector?: Labels
  /** As written; empty when the mesh's default holds. */
  readonly exportTo: readonly string[]
  readonly subjectAltNames: readonly string[]
  /** As the annotation says; missing when the namespace's holds. */
  readonly traffic?: TrafficDistribution
}

export interface EntryPort {
  readonly number: number
  readonly name: string
  /** Upper case; empty when nobody said. */
  readonly protocol: string
  readonly targetPort?: number
}

/** Where one workload runs (Istio: WorkloadEntry). */
export interface WorkloadSpec {
  /** Missing when only its network is known. */
  readonly target?: EndpointTarget
  readonly ports: ReadonlyMap<string, number>
  readonly labels: Labels
  readonly network?: string
  readonly locality?: string
  /** 1 when nobody said. */
  readonly weight: number
  readonly serviceAccount?: string
}

export interface WorkloadEntry {
  readonly kind: 'WorkloadEntry'
  readonly meta: ObjectMeta
  readonly spec: WorkloadSpec
  /** Of the object and of its spec; the object's own win. */
  readonly labels: Labels
  /** False while its health is checked and not known to be good. */
  readonly healthy: boolean
}

/** What the WorkloadEntries of a group start from. */
export interface WorkloadGroup {
  readonly kind: 'WorkloadGroup'
  readonly meta: ObjectMeta
  /** Labels and annotations that its entries get. */
  readonly labels: Labels
  readonly annotations: Labels
  readonly template: WorkloadSpec
  /** How the health of its machines is asked for. */
  readonly probe?: ReadinessProbe
}

/** Settings of proxies (Istio: ProxyConfig, the object). */
export interface ProxyConfigObject {
  readonly kind: 'ProxyConfig'
  readonly meta: ObjectMeta
  readonly resource: ProxyResource
}

/** What some workloads of a namespace are interested in (Istio: Sidecar, the object). */
export interface SidecarObject {
  readonly kind: 'Sidecar'
  readonly meta: ObjectMeta
  /** All workloads of the namespace when missing; empty, it selects them too, but comes before such a one. */
  readonly selector?: Labels
  /** Of all egress listeners; empty when they are none, and then everything is let through. */
  readonly egress: readonly EgressHosts[]
}

export interface KubernetesService {
  readonly kind: 'Service'
  readonly meta: ObjectMeta
  /** Cluster IPs, first family first. */
  readonly addresses: readonly IpAddress[]
  /** `clusterIP: None`. */
  readonly headless: boolean
  readonly externalName?: Hostname
  readonly ports: readonly KubernetesPort[]
  /** Missing when its endpoints are written by somebody else. */
  readonly selector?: Labels
  readonly publishNotReady: boolean
  /** Missing when the namespace's holds. */
  readonly traffic?: TrafficDistribution
  /** As the annotation says; empty when the mesh's default holds. */
  readonly exportTo: readonly string[]
}

export interface KubernetesPort {
  readonly number: number
  /** Empty when there is only one. */
  readonly name: string
  /** Upper case; empty when nobody said. */
  readonly protocol: string
  /** A number, or the name of a container's port. */
  readonly targetPort: number | string
}

export interface EndpointSlice {
  readonly kind: 'EndpointSlice'
  readonly meta: ObjectMeta
  /** The Service that it belongs to, in the same namespace; empty for none. */
  readonly service: string
  /** The ServiceImport that it belongs to, in the same namespace, and the cluster that it is of. */
  readonly imported?: { readonly service: string; readonly cluster?: string }
  readonly endpoints: readonly SliceEndpoint[]
  /** By port name, empty for the only one; `undefined` stands for the service's own number. */
  readonly ports: ReadonlyMap<string, number | undefined>
}

export interface SliceEndpoint {
  /** Never empty; all lead to the same place. */
  readonly addresses: readonly [IpAddress, ...IpAddress[]]
  readonly hostname?: string
  readonly ready: boolean
  /** Still serves although it is going away; used while nobody is ready. */
  readonly draining: boolean
  /** Name of the pod behind it. */
  readonly pod?: string
  readonly zone?: string
  /** Name of the node that it runs on. */
  readonly node?: string
}

export interface Pod {
  readonly kind: 'Pod'
  readonly meta: ObjectMeta
  /** Empty until it has a network, and when it has ended. */
  readonly addresses: readonly IpAddress[]
  /** First label of its own name, where it has a subdomain. */
  readonly hostname: string
  readonly subdomain?: string
  readonly ready: boolean
  /** Numbers of named container ports. */
  readonly ports: ReadonlyMap<string, number>
  readonly serviceAccount?: string
  /** Name of the node that it runs on. */
  readonly node?: string
}

/** A service of a set of clusters (Kubernetes: multicluster ServiceImport, KEP-1645). */
export interface ServiceImport {
  readonly kind: 'ServiceImport'
  readonly meta: ObjectMeta
  /** By which it is reached from this cluster. */
  readonly addresses: readonly IpAddress[]
  readonly headless: boolean
  readonly ports: readonly KubernetesPort[]
}

/** A machine of the cluster, as far as it says where it is. */
export interface NodeObject {
  readonly kind: 'Node'
  readonly meta: ObjectMeta
  /** `REGION/ZONE/SUBZONE`; missing when its labels say nothing. */
  readonly locality?: string
}

export interface NamespaceObject {
  readonly kind: 'Namespace'
  readonly meta: ObjectMeta
  /** Of its Services and ServiceEntries that say nothing themselves. */
  readonly traffic?: TrafficDistribution
}
