import type { IpAddress, IpFamily } from '../ip/address.ts'
import type { ServicesByHost } from './catalog.ts'
import type { Hostname } from './hostname.ts'
import type { ViewScope } from './scope.ts'
import { comparePrecedence, type Service } from './service.ts'
import { type VirtualAddresses, type VirtualPair, virtualOwner } from './virtual-addresses.ts'
import { isVisible } from './visibility.ts'

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
  /** A Kubernetes Service of another namespace that these hide; it answers for the name where they have no address. */
  readonly hidden?: Service
}

/** All hosts that a viewer sees, one namespace's word for each. */
export type View = ReadonlyMap<Hostname, MeshHost>

/** What the viewer sees of the mesh. */
export function viewOf(services: ServicesByHost, virtual: VirtualAddresses, viewer: Viewer): View {
  const view = new Map<Hostname, MeshHost>()
  for (const declared of services.values()) {
    const seen = seenHost(declared, virtual, viewer)
    if (seen) view.set(seen.host, seen)
  }
  return view
}

/**
 * One host of which these are the services, all of them; `undefined` when the viewer sees none.
 *
 * A host that several namespaces declare is the one of the viewer's own namespace, else that of a
 * Kubernetes Service, else the oldest (Istio: sidecar scope).
 */
export function seenHost(
  services: readonly Service[],
  virtual: VirtualAddresses,
  viewer: Viewer,
): MeshHost | undefined {
  const { namespace: own, scope } = viewer
  const isSeen = (service: Service) => (scope ? scope.sees(service) : isVisible(service, own))
  const seen = kept(services, isSeen)
  const ordered = seen.length > 1 ? seen.toSorted(comparePrecedence) : seen
  const [first] = ordered
  const chosen = ordered.find((service) => service.namespace === own) ?? first
  if (!first || !chosen) return undefined
  const { host, namespace } = chosen
  const pair = virtual.get(virtualOwner(namespace, host))
  const isHidden = first.registry === 'Kubernetes' && first.namespace !== namespace
  return {
    host,
    namespace,
    services: kept(ordered, (service) => service.namespace === namespace),
    virtual: pair ? addressesOf(pair, viewer.virtualFamilies) : noAddresses,
    ...(isHidden ? { hidden: first } : {}),
  }
}

// A mesh has very many hosts, most of them with one service: lists are shared where they are the same.

const noAddresses: readonly IpAddress[] = []

/** Those that pass; the list itself when all do. */
function kept(
  services: readonly Service[],
  passes: (service: Service) => boolean,
): readonly Service[] {
  return services.every(passes) ? services : services.filter(passes)
}

function addressesOf(pair: VirtualPair, families: readonly IpFamily[]): readonly IpAddress[] {
  const held = families.map((family) => (family === 4 ? pair.v4 : pair.v6))
  return held.every(isPresent) ? held : held.filter(isPresent)
}

/** Whether nothing is different, services being the very same objects. */
export function isSameHost(a: MeshHost | undefined, b: MeshHost | undefined): boolean {
  if (!a || !b) return a === b
  return (
    a.namespace === b.namespace &&
    a.hidden === b.hidden &&
    isSameList(a.services, b.services) &&
    isSameList(a.virtual, b.virtual)
  )
}

function isSameList<T>(some: readonly T[], others: readonly T[]): boolean {
  return some.length === others.length && some.every((one, index) => one === others[index])
}

function isPresent<T>(value: T | undefined): value is T {
  return value !== undefined
}
