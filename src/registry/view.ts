import type { IpAddress, IpFamily } from '../ip/address.ts'
import type { Hostname } from './hostname.ts'
import { scopeOf, type ViewScope } from './scope.ts'
import { comparePrecedence, type Service } from './service.ts'
import { type VirtualAddresses, virtualOwner } from './virtual-addresses.ts'

/** Through whose eyes the mesh is seen. */
export interface Viewer {
  readonly namespace: string
  /** What it may see; when missing, all that is exported to its namespace. */
  readonly scope?: ViewScope
  /** Families of the virtual addresses it can use; empty when it is to be given none. */
  readonly virtualFamilies: readonly IpFamily[]
}

/** One host as a viewer sees it: the services of one namespace that declare it. */
export interface MeshHost {
  readonly host: Hostname
  readonly namespace: string
  /** Never empty; Kubernetes first, then oldest first. */
  readonly services: readonly Service[]
  /** Held by the host; empty when its address is explicit, or none is wanted. */
  readonly virtual: readonly IpAddress[]
}

/** All hosts that a viewer sees, one namespace's word for each. */
export type View = ReadonlyMap<Hostname, MeshHost>

/**
 * What the viewer sees of the mesh.
 *
 * A host that several namespaces declare is the one of the viewer's own namespace, else that of a
 * Kubernetes Service, else the oldest (Istio: sidecar scope).
 */
export function viewOf(
  services: readonly Service[],
  virtual: VirtualAddresses,
  viewer: Viewer,
): View {
  const { namespace: own, scope = scopeOf({ namespace: own, labels: new Map() }, [], '') } = viewer
  const groups = new Map<Hostname, Service[]>()
  for (const service of services) {
    if (!scope.sees(service)) continue
    const group = groups.get(service.host)
    if (group) group.push(service)
    else groups.set(service.host, [service])
  }
  const view = new Map<Hostname, MeshHost>()
  for (const [host, group] of groups) {
    const ordered = group.sort(comparePrecedence)
    const namespace = chooseNamespace(ordered, own)
    const kept = ordered.filter((service) => service.namespace === namespace)
    const pair = virtual.get(virtualOwner(namespace, host))
    const held = viewer.virtualFamilies.map((family) => (family === 4 ? pair?.v4 : pair?.v6))
    view.set(host, { host, namespace, services: kept, virtual: held.filter(isPresent) })
  }
  return view
}

function chooseNamespace(ordered: readonly Service[], own: string): string {
  const chosen = ordered.find((service) => service.namespace === own) ?? ordered[0]
  return chosen?.namespace ?? own
}

function isPresent<T>(value: T | undefined): value is T {
  return value !== undefined
}
