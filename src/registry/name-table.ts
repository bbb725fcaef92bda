import { familyOf, type IpAddress } from '../ip/address.ts'
import { type Hostname, isWildcard } from './hostname.ts'
import type { NamedEndpoint, NamedPort, NameRecord, NameTableDelta } from './name-record.ts'
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

/** One record; a host without any address has none: questions for it go to the upstreams. */
export function recordOf(
  { host, services, virtual }: MeshHost,
  options: NameTableOptions,
): NameRecord | undefined {
  const kubernetes = services.find(({ registry }) => registry === 'Kubernetes')
  const speakers = kubernetes ? [kubernetes] : services
  const explicit = joined(speakers.map((service) => service.addresses))
  const headless = speakers.filter((service) => service.headless)
  const own = explicit.length > 0 ? explicit : virtual
  const addresses = headless.length > 0 ? headless.flatMap(answeringAddresses) : own
  const externalName = kubernetes?.externalName
  if (addresses.length === 0 && externalName === undefined) return undefined
  const ttlSeconds = speakers.find((service) => service.ttlSeconds !== undefined)?.ttlSeconds
  return {
    host,
    aliases: aliasesOf(host, kubernetes, options),
    addresses: distinct(addresses),
    reverse: headless.length > 0 ? nothing : distinct(own),
    ports: namedPorts(joined(speakers.map((service) => service.ports))),
    endpoints: headless.length === 0 || isWildcard(host) ? nothing : namedEndpoints(headless),
    ...(externalName === undefined ? {} : { externalName }),
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

function namedPorts(ports: readonly ServicePort[]): readonly NamedPort[] {
  const named = new Map<string, NamedPort>()
  for (const { name, number, protocol: spoken } of ports) {
    const protocol = spoken === 'UDP' ? 'udp' : 'tcp'
    const key = `_${name.toLowerCase()}._${protocol} ${number}`
    if (name !== '' && !named.has(key))
      named.set(key, { name: name.toLowerCase(), protocol, number })
  }
  return Array.from(named.values())
}

function answeringEndpoints(service: Service): readonly Endpoint[] {
  return service.endpoints.filter(({ healthy }) => healthy || service.publishNotReady)
}

function answeringAddresses(service: Service): IpAddress[] {
  return answeringEndpoints(service).flatMap(addressesOf)
}

function addressesOf({ target, otherAddresses }: Endpoint): readonly IpAddress[] {
  return target.kind === 'ip' ? [target.address, ...otherAddresses] : []
}

/** One for each first label; endpoints without a host name are called by their address, as kube-dns does. */
function namedEndpoints(services: readonly Service[]): NamedEndpoint[] {
  const named = new Map<string, NamedEndpoint>()
  for (const service of services) {
    for (const endpoint of answeringEndpoints(service)) {
      const addresses = addressesOf(endpoint)
      const [first] = addresses
      if (first === undefined) continue
      const label = (endpoint.hostname ?? dashed(first)).toLowerCase()
      const known = named.get(label)
      const ports = service.ports.flatMap((port) => {
        const number = endpoint.ports.get(port.number)
        return number === undefined ? [] : [{ ...port, number }]
      })
      named.set(label, {
        label,
        addresses: distinct([...(known?.addresses ?? []), ...addresses]),
        ports: known?.ports ?? namedPorts(ports),
      })
    }
  }
  return [...named.values()]
}

function dashed(address: IpAddress): string {
  return address.replaceAll(familyOf(address) === 4 ? '.' : ':', '-')
}

/** Whether both say the same. */
export function isSameRecord(a: NameRecord | undefined, b: NameRecord): boolean {
  return a === b || (a !== undefined && JSON.stringify(a) === JSON.stringify(b))
}
