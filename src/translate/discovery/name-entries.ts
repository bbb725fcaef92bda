import { familyOf, type IpAddress, type IpFamily } from '../../ip/address.ts'
import { clusterSetDomain } from '../../registry/name-record.ts'
import { recordOf } from '../../registry/name-table.ts'
import type { Service } from '../../registry/service.ts'
import type { MeshHost } from '../../registry/view.ts'

/** What Istio's agents are told of one name. */
export interface NameEntry {
  readonly ips: readonly IpAddress[]
  readonly registry: Service['registry']
  /** Empty where the name has no short forms. */
  readonly shortname: string
  readonly namespace: string
}

/** The facts about a proxy that decide what a host is to it. */
export interface EntryReader {
  readonly namespace: string
  readonly families: ReadonlySet<IpFamily>
  /** Missing when it is not known; then endpoints of all networks are near. */
  readonly network?: string
}

/**
 * The names of a host for one proxy, as Istio's control plane makes them (Istio: name table construction).
 *
 * What ours leaves out: clusters, since a registry is one cluster; names of pods below a service that is not
 * their subdomain; and Istio's narrowing of two families to the first, which two settings there turn off.
 * What it adds: a headless Service needs no port.
 */
export function nameEntriesOf(
  meshHost: MeshHost,
  reader: EntryReader,
): ReadonlyMap<string, NameEntry> {
  const entries = new Map<string, NameEntry>()
  const services = meshHost.services.map((service) => asSeenBy(service, reader))
  const { namespace } = reader
  const { hidden: _, ...told } = meshHost
  const record = recordOf({ ...told, services }, { namespace, clusterDomain: '' })
  if (!record || record.addresses.length === 0) return entries
  const { host } = meshHost
  const speaker = services.find(({ registry }) => registry === 'Kubernetes') ?? services[0]
  const registry = speaker?.registry ?? 'External'
  const isShort = registry === 'Kubernetes' && !host.endsWith(`.${clusterSetDomain}`)
  entries.set(host, {
    ips: record.addresses,
    registry,
    shortname: isShort ? (speaker?.shortName ?? '') : '',
    namespace: isShort ? meshHost.namespace : '',
  })
  const labels = new Set(
    services.flatMap(({ endpoints }) => endpoints.map(({ hostname }) => hostname?.toLowerCase())),
  )
  const [subdomain = ''] = host.split('.', 1)
  for (const { label, addresses } of record.endpoints) {
    if (!labels.has(label)) continue
    const isImported = host.endsWith(`.${clusterSetDomain}`)
    const shortname = isImported ? '' : `${label}.${subdomain}`
    const own = isImported ? '' : meshHost.namespace
    entries.set(`${label}.${host}`, { ips: addresses, registry, shortname, namespace: own })
  }
  return entries
}

/** Cluster IPs of usable families, and endpoints that can be reached. */
function asSeenBy(service: Service, { families, network }: EntryReader): Service {
  const { addresses, endpoints, headless, registry } = service
  const usable = addresses.filter((address) => families.has(familyOf(address)))
  const isNear = ({ network: theirs }: Service['endpoints'][number]) =>
    network === undefined || theirs === undefined || theirs === network
  return {
    ...service,
    ...(registry === 'Kubernetes' && usable.length > 0 ? { addresses: usable } : {}),
    ...(headless ? { endpoints: endpoints.filter(isNear) } : {}),
  }
}
