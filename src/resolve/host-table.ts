import type { IpAddress } from '../ip/address.ts'
import type { ClusterFacts } from '../registry/cluster-facts.ts'
import type { Hostname } from '../registry/hostname.ts'
import type {
  NamedEndpoint,
  NamedPort,
  NameRecord,
  NameTableDelta,
} from '../registry/name-record.ts'
import { type AddressOwner, AddressOwners } from './address-owners.ts'

/** What a name stands for: a host, one endpoint below it, or one port of a Kubernetes Service. */
export interface HostMatch {
  readonly record: NameRecord
  readonly endpoint?: NamedEndpoint
  readonly port?: PortLabels
}

/** Name and protocol of a port, as they stand in a name. */
export type PortLabels = Pick<NamedPort, 'protocol'> & { readonly name: string }

/** What an update did to names. */
export interface NamesChange {
  /** Whether any host or alias came, went or may now mean another host. */
  readonly namesChanged: boolean
  /** Names of endpoints that did not exist before. */
  readonly newNames: ReadonlySet<string>
}

/**
 * The names that are answered from the mesh, found in the order of Istio's agent: the name itself,
 * the name under a search domain, then wildcards, most specific first. Names of a Kubernetes cluster
 * (services, their endpoints and ports) are names themselves, and so go before those that a search
 * domain or a wildcard makes.
 *
 * Names are lower case and without the last dot.
 */
export class HostTable {
  readonly #hosts = new Map<string, NameRecord>()
  /** A host of the same name goes before. */
  readonly #aliases = new Map<string, NameRecord>()
  readonly #owners = new AddressOwners()
  #wildcards = 0
  #search: readonly string[] = []
  #cluster: ClusterFacts | undefined

  get size(): number {
    return this.#hosts.size
  }

  /** What is known of the cluster as a whole; only complete facts let names be denied. */
  get cluster(): ClusterFacts | undefined {
    return this.#cluster
  }

  setCluster(facts: ClusterFacts | undefined): void {
    this.#cluster = facts
  }

  records(): Iterable<NameRecord> {
    return this.#hosts.values()
  }

  update(delta: NameTableDelta): NamesChange {
    let namesChanged = delta.drop.length > 0
    const newNames = new Set<string>()
    for (const host of delta.drop) this.#drop(host)
    for (const record of delta.put) {
      const before = this.#hosts.get(record.host)
      namesChanged ||= before?.aliases.join() !== record.aliases.join()
      addNewNames(before, record, newNames)
      this.#drop(record.host)
      this.#put(record)
    }
    return { namesChanged, newNames }
  }

  /** Domains that stubs append to short names (`search` of resolv.conf), in their order. */
  setSearch(domains: readonly string[]): void {
    this.#search = domains
  }

  lookup(name: string): HostMatch | undefined {
    return this.exact(name) ?? this.#belowSearchDomain(name) ?? this.#wildcard(name)
  }

  /** What has exactly this name, without the help of search domains and wildcards. */
  exact(name: string): HostMatch | undefined {
    const record = this.#named(name)
    return record ? { record } : this.#below(name)
  }

  /** Whose an address is; the first one answers PTR questions first. */
  ownersOf(address: IpAddress): readonly AddressOwner[] {
    return this.#owners.of(address)
  }

  #named(name: string): NameRecord | undefined {
    return this.#hosts.get(name) ?? this.#aliases.get(name)
  }

  /** One label before a host is an endpoint; two before a Kubernetes Service are a port and its protocol. */
  #below(name: string): HostMatch | undefined {
    const first = name.indexOf('.')
    if (first < 0) return undefined
    const parent = this.#named(name.slice(first + 1))
    if (parent) {
      const label = name.slice(0, first)
      const endpoint = parent.endpoints.find((one) => one.label === label)
      return endpoint && { record: parent, endpoint }
    }
    const second = name.indexOf('.', first + 1)
    if (second < 0) return undefined
    const record = this.#named(name.slice(second + 1))
    if (!record?.cluster) return undefined
    const port = tryPort(name.slice(0, first), name.slice(first + 1, second))
    return port && hasPort(record, port) ? { record, port } : undefined
  }

  #belowSearchDomain(name: string): HostMatch | undefined {
    for (const domain of this.#search) {
      const short = withoutDomain(name, domain)
      const match = short === undefined ? undefined : this.exact(short)
      if (match) return match
    }
    return undefined
  }

  #wildcard(name: string): HostMatch | undefined {
    if (this.#wildcards === 0) return undefined
    for (let dot = name.indexOf('.'); dot >= 0; dot = name.indexOf('.', dot + 1)) {
      const parent = name.slice(dot + 1)
      const record = this.#hosts.get(`*.${parent}`) ?? this.#wildcardBelowSearchDomain(parent)
      if (record) return { record }
    }
    return undefined
  }

  #wildcardBelowSearchDomain(parent: string): NameRecord | undefined {
    for (const domain of this.#search) {
      const short = withoutDomain(parent, domain)
      const record = short === undefined ? undefined : this.#hosts.get(`*.${short}`)
      if (record) return record
    }
    return undefined
  }

  #put(record: NameRecord): void {
    this.#hosts.set(record.host, record)
    if (record.host.startsWith('*')) this.#wildcards += 1
    for (const alias of record.aliases) this.#aliases.set(alias, record)
    this.#owners.add(record)
  }

  #drop(host: Hostname): void {
    const record = this.#hosts.get(host)
    if (!record) return
    this.#hosts.delete(host)
    if (host.startsWith('*')) this.#wildcards -= 1
    for (const alias of record.aliases) {
      if (this.#aliases.get(alias) === record) this.#aliases.delete(alias)
    }
    this.#owners.delete(record)
  }
}

/** What two labels before a service's name mean; underscores may be missing (as kube-dns has it). */
function tryPort(name: string, protocol: string): PortLabels | undefined {
  const spoken = protocol.replace(/^_/, '')
  if (spoken !== 'tcp' && spoken !== 'udp' && spoken !== 'sctp') return undefined
  return { name: name.replace(/^_/, ''), protocol: spoken }
}

/** Whether the service, or any of its endpoints where these have the say, serves the port. */
function hasPort({ ports, endpoints, cluster }: NameRecord, wanted: PortLabels): boolean {
  const lists = cluster?.headless ? endpoints.map((one) => one.ports) : [ports]
  return lists.some((list) => list.some((port) => isPort(port, wanted)))
}

export function isPort(port: NamedPort, { name, protocol }: PortLabels): boolean {
  return port.name === name && port.protocol === protocol
}

/**
 * The name without the search domain; `undefined` when it does not end in it, or still would
 * afterwards: a full name is not meant where its own domain was appended once more.
 */
function withoutDomain(name: string, domain: string): string | undefined {
  if (!name.endsWith(domain) || name.at(-domain.length - 1) !== '.') return undefined
  const short = name.slice(0, -domain.length - 1)
  return short === domain || short.endsWith(`.${domain}`) ? undefined : short
}

function addNewNames(before: NameRecord | undefined, record: NameRecord, names: Set<string>): void {
  if (record.endpoints.length === 0 || !before) return
  const known = new Set(before.endpoints.map(({ label }) => label))
  for (const { label } of record.endpoints) {
    if (known.has(label)) continue
    for (const name of [record.host, ...record.aliases]) names.add(`${label}.${name}`)
  }
}
