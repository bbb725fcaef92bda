import { familyOf, type IpAddress } from '../../ip/address.ts'
import type { Hostname } from '../../registry/hostname.ts'
import type { Endpoint, Origin } from '../../registry/service.ts'
import type { EndpointSlice, KubernetesService, Pod, SliceEndpoint } from '../mesh-object.ts'
import { ownLabel } from './endpoint-of-pod.ts'
import { type KubernetesWorkloads, namespacedName } from './kubernetes-workloads.ts'
import { mapPorts } from './map-ports.ts'

interface SliceOwner {
  readonly service: KubernetesService
  readonly host: Hostname
  readonly workloads: Pick<KubernetesWorkloads, 'pods' | 'localityOf'>
}

/** What the slices of a Service say together of one endpoint. */
interface Gathered {
  readonly addresses: Set<IpAddress>
  /** One for all endpoints of a slice: there are very many. */
  ports: ReadonlyMap<number, number>
  readonly endpoint: SliceEndpoint
  readonly origin: Origin
}

/**
 * The endpoints of a Service's slices.
 *
 * A pod may stand in several slices: one for each address family, and one for each set of port
 * numbers. It is one endpoint, as long as they agree on whether it is ready: a pod that was made again under its name
 * comes to one slice before it comes to another. While no endpoint is ready, those that are going away but still serve
 * are used (Kubernetes: KEP-1669), except by headless services, whose names follow readiness. Where traffic stays on
 * a node, each node is a place of its own in this.
 */
export function endpointsOfSlices(
  slices: readonly EndpointSlice[],
  owner: SliceOwner,
): readonly Endpoint[] {
  const gathered = new Map<string, Gathered>()
  for (const slice of slices) {
    const ports = portsOfSlice(slice, owner.service.ports)
    for (const endpoint of slice.endpoints) gather(gathered, endpoint, { slice, ports })
  }
  const all = [...gathered.values()]
  const { headless, traffic } = owner.service
  const placeOf = ({ endpoint }: Gathered) => (traffic === 'Local' ? endpoint.node : undefined)
  const places = new Set(all.filter(({ endpoint }) => endpoint.ready).map(placeOf))
  return all.map((one) => {
    const { ready, draining } = one.endpoint
    const isReady = ready || (draining && !headless && !places.has(placeOf(one)))
    return toEndpoint(one, owner, isReady)
  })
}

/** From a Service's port numbers to those that all endpoints of the slice have. */
export function portsOfSlice(
  slice: Pick<EndpointSlice, 'ports'>,
  ports: KubernetesService['ports'],
): ReadonlyMap<number, number> {
  return mapPorts(ports, ({ name, number }) =>
    slice.ports.has(name) ? (slice.ports.get(name) ?? number) : undefined,
  )
}

function gather(
  gathered: Map<string, Gathered>,
  endpoint: SliceEndpoint,
  { slice, ports }: { readonly slice: EndpointSlice; readonly ports: ReadonlyMap<number, number> },
): void {
  const { addresses, pod, ready, draining } = endpoint
  const key = `${pod === undefined ? addresses[0] : `pod ${pod}`} ${ready} ${draining}`
  const known = gathered.get(key)
  if (!known) {
    const { origin } = slice.meta
    gathered.set(key, { addresses: new Set(addresses), ports, endpoint, origin })
    return
  }
  for (const address of addresses) known.addresses.add(address)
  const isNew = [...ports].some(([number, target]) => known.ports.get(number) !== target)
  if (isNew) known.ports = new Map([...known.ports, ...ports])
}

function toEndpoint(gathered: Gathered, owner: SliceOwner, healthy: boolean): Endpoint {
  const { addresses, ports, endpoint, origin } = gathered
  const ordered = inFamilyOrder([...addresses], owner.service.addresses[0])
  const [address = endpoint.addresses[0], ...otherAddresses] = ordered
  const pod = podOf(endpoint, owner)
  const hostname = endpoint.hostname ?? (pod && ownLabel(pod, owner.host))
  const locality = localityOf(endpoint, owner)
  return {
    target: { kind: 'ip', address },
    otherAddresses,
    ports,
    weight: 1,
    healthy,
    ...(hostname === undefined ? {} : { hostname }),
    ...(locality === undefined ? {} : { locality }),
    ...(endpoint.node === undefined ? {} : { node: endpoint.node }),
    ...(pod?.serviceAccount === undefined ? {} : { serviceAccount: pod.serviceAccount }),
    origin,
  }
}

/** The family of the Service's first address comes first. */
function inFamilyOrder(
  addresses: readonly IpAddress[],
  first: IpAddress | undefined,
): readonly IpAddress[] {
  if (first === undefined) return addresses
  const family = familyOf(first)
  const isFirst = (address: IpAddress) => familyOf(address) === family
  return [...addresses.filter(isFirst), ...addresses.filter((address) => !isFirst(address))]
}

/** A node knows more than a slice, which has the zone only. */
function localityOf({ node, zone }: SliceEndpoint, { workloads }: SliceOwner): string | undefined {
  return workloads.localityOf(node) ?? (zone === undefined ? undefined : `/${zone}`)
}

function podOf({ pod }: SliceEndpoint, { service, workloads }: SliceOwner): Pod | undefined {
  if (pod === undefined) return undefined
  return workloads.pods.get(namespacedName(service.meta.namespace, pod))
}
