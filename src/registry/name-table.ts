import type { IpAddress } from '../ip/address.ts'
import { addressLabel } from '../ip/address-label.ts'
import { type Hostname, isWildcard } from './hostname.ts'
import type {
  ClusterName,
  NamedEndpoint,
  NamedPort,
  NameRecord,
  NameTableDelta,
} from './name-record.ts'
import type { Endpoint, Service, ServicePort } from './service.ts'
import type { MeshHost, View } from './view.ts'

/** The records of all hosts that a viewer can resolve. */
export type NameTable = ReadonlyMap<Hostname, NameRecord>

export interface NameTableOptions {
  /** The viewer's namespace: there, a Kubernetes Service is known by its bare name too. */
  readonly namespace: string
  /** Below it, Kubernetes Services have short names (`cluster.local`). */
  readonly clusterDomain: string
}

/** What the resolver answers for each host of the view (Istio: name table construction). */
export function nameTableOf(view: View, options: NameTableOptions): NameTable {
  const table = new Map<Hostname, NameRecord>()
  for (const meshHost of view.values()) {
    const record = recordOf(meshHost, options)
    if (record) table.set(meshHost.host, record)
  }
  return table
}

/** What must be put and dropped to make the first table the second. */
export function diffNameTables(before: NameTable, after: NameTable): NameTableDelta {
  const put = [...after.values()].filter((record) => !isSameRecord(before.get(record.host), record))
  const drop = [...before.keys()].filter((host) => !after.has(host))
  return { put, drop }
}

/**
 * One record; a host without any address has none: questions for it go to the upstreams. Only a headless
 * Kubernetes Service has one all the same: whoever knows all of the cluster knows that it is empty.
 */
export function recordOf(seen: MeshHost, options: NameTableOptions): NameRecord | undefined {
  const { host, hidden } = seen
  const record = recordOfSpeakers(seen, options)
  if (record || !hidden) return record
  return recordOfSpeakers({ host, services: [hidden], virtual: nothing }, options)
}

function recordOfSpeakers(
  { host, services, virtual }: Pick<MeshHost, 'host' | 'services' | 'virtual'>,
  options: NameTableOptions,
): NameRecord | undefined {
  const kubernetes = services.find(({ registry }) => registry === 'Kubernetes')
  const speakers = kubernetes ? [kubernetes] : services
  const explicit = joined(speakers.map((service) => service.addresses))
  const headless = speakers.filter((service) => service.headless)
  const own = explicit.length > 0 ? explicit : virtual
  const cluster = kubernetes && clusterNameOf(kubernetes)
  const addresses =
    headless.length > 0 ? headless.flatMap((service) => answeringAddresses(service, cluster)) : own
  const externalName = kubernetes?.externalName
  const isKnown = addresses.length > 0 || externalName !== undefined || cluster?.headless === true
  if (!isKnown) return undefined
  const ttlSeconds = speakers.find((service) => service.ttlSeconds !== undefined)?.ttlSeconds
  return {
    host,
    aliases: aliasesOf(host, kubernetes, options),
    addresses: distinct(addresses),
    reverse: headless.length > 0 ? nothing : distinct(own),
    ports: namedPorts(joined(speakers.map((service) => service.ports)), cluster),
    endpoints: isWildcard(host) ? nothing : namedEndpoints(cluster ? speakers : headless, cluster),
    ...(externalName === undefined ? {} : { externalName }),
    ...(cluster === undefined ? {} : { cluster }),
    ...(ttlSeconds === undefined ? {} : { ttlSeconds }),
  }
}

function aliasesOf(
  host: Hostname,
  service: Service | undefined,
  { namespace, clusterDomain }: NameTableOptions,
): readonly string[] {
  if (service?.shortName === undefined || !host.endsWith(`.svc.${clusterDomain}`)) return nothing
  const short = service.shortName.toLowerCase()
  const aliases = [`${short}.${service.namespace}`, `${short}.${service.namespace}.svc`]
  return service.namespace === namespace ? [short, ...aliases] : aliases
}

// Records are as many as hosts: what is the same, or empty, is one list.

const nothing: readonly never[] = []

function joined<T>(lists: readonly (readonly T[])[]): readonly T[] {
  const [first = nothing, ...others] = lists
  return others.length === 0 ? first : [...first, ...others.flat()]
}

/** Each once; the list itself when they are already. */
function distinct(addresses: readonly IpAddress[]): readonly IpAddress[] {
  if (addresses.length < 2) return addresses
  const all = new Set(addresses)
  return all.size === addresses.length ? addresses : [...all]
}

/** `undefined` for hosts that no Service of a cluster can have. */
function clusterNameOf({ host, shortName, namespace, headless }: Service): ClusterName | undefined {
  const start = `${shortName?.toLowerCase()}.${namespace}.svc.`
  if (shortName === undefined || !host.startsWith(start)) return undefined
  return { domain: host.slice(start.length), headless }
}

/** Ports without a name are kept where there are SRV records of the host itself. */
function namedPorts(
  ports: readonly ServicePort[],
  cluster: ClusterName | undefined,
): readonly NamedPort[] {
  if (ports.length === 0) return nothing
  const named = new Map<string, NamedPort>()
  for (const { name: given, number, protocol: spoken } of ports) {
    const name = given.toLowerCase()
    const protocol = spoken === 'UDP' ? 'udp' : spoken === 'SCTP' ? 'sctp' : 'tcp'
    const key = `_${name}._${protocol} ${number}`
    if ((name !== '' || cluster) && !named.has(key)) named.set(key, { name, protocol, number })
  }
  return Array.from(named.values())
}

/** Machines that a Service of a cluster selects take its connections; its names are those that kube-dns knows. */
function answeringEndpoints(
  { endpoints, publishNotReady }: Service,
  cluster: ClusterName | undefined,
): readonly Endpoint[] {
  return endpoints.filter(
    ({ healthy, origin }) =>
      (healthy || publishNotReady) && !(cluster && origin.kind === 'WorkloadEntry'),
  )
}

function answeringAddresses(service: Service, cluster: ClusterName | undefined): IpAddress[] {
  return answeringEndpoints(service, cluster).flatMap(addressesOf)
}

function addressesOf({ target, otherAddresses }: Endpoint): readonly IpAddress[] {
  return target.kind === 'ip' ? [target.address, ...otherAddresses] : []
}

/**
 * One for each first label. Endpoints without a host name are called by their address, as kube-dns does;
 * of a Kubernetes Service each address is a name then.
 */
function namedEndpoints(
  services: readonly Service[],
  cluster: ClusterName | undefined,
): readonly NamedEndpoint[] {
  const named = new Map<string, NamedEndpoint>()
  for (const service of services) {
    const portsOf = sharedPorts(service, cluster)
    for (const endpoint of answeringEndpoints(service, cluster)) {
      for (const { label, addresses } of labelled(endpoint, cluster)) {
        const known = named.get(label)
        const ports = portsOf(endpoint.ports)
        named.set(label, {
          label,
          addresses: known ? distinct([...known.addresses, ...addresses]) : addresses,
          ports: known && known.ports !== ports ? allPorts(known.ports, ports) : ports,
        })
      }
    }
  }
  return named.size === 0 ? nothing : [...named.values()]
}

type Labelled = Pick<NamedEndpoint, 'label' | 'addresses'>

function labelled(endpoint: Endpoint, cluster: ClusterName | undefined): readonly Labelled[] {
  const addresses = addressesOf(endpoint)
  const [first] = addresses
  if (first === undefined) return nothing
  const { hostname } = endpoint
  if (hostname !== undefined) return [{ label: hostname.toLowerCase(), addresses }]
  if (!cluster || addresses.length === 1) return [{ label: addressLabel(first), addresses }]
  return addresses.map((address) => ({ label: addressLabel(address), addresses: [address] }))
}

/** Most endpoints of a service have the same ports: those are one list. */
function sharedPorts(
  { ports }: Service,
  cluster: ClusterName | undefined,
): (own: Endpoint['ports']) => readonly NamedPort[] {
  const made = new Map<string, readonly NamedPort[]>()
  return (own) => {
    const numbers = ports.map(({ number }) => own.get(number))
    const key = numbers.join()
    const known = made.get(key)
    if (known) return known
    const served = ports.flatMap((port, index) => {
      const number = numbers[index]
      return number === undefined ? [] : [{ ...port, number }]
    })
    const named = namedPorts(served, cluster)
    made.set(key, named)
    return named
  }
}

function allPorts(some: readonly NamedPort[], others: readonly NamedPort[]): readonly NamedPort[] {
  const isNew = ({ name, protocol, number }: NamedPort) =>
    !some.some((p) => p.name === name && p.protocol === protocol && p.number === number)
  return [...some, ...others.filter(isNew)]
}

/** Whether both say the same. */
export function isSameRecord(a: NameRecord | undefined, b: NameRecord): boolean {
  return a === b || (a !== undefined && JSON.stringify(a) === JSON.stringify(b))
}
