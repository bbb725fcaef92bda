import type { IpAddress } from '../ip/address.ts'
import type { Hostname } from '../registry/hostname.ts'
import type {
  NamedEndpoint,
  NamedPort,
  NameRecord,
  NameTableDelta,
} from '../registry/name-record.ts'
import { type AddressOwner, AddressOwners } from './address-owners.ts'
import { labelEnd } from './label-end.ts'

/** What a name stands for: a host, one endpoint below it, or one port of a Kubernetes Service. */
export interface HostMatch {
  readonly record: NameRecord
  readonly endpoint?: NamedEndpoint
  readonly port?: PortLabels
}

/** Name and protocol of a port, as they stand in a name. */
export type PortLabels = Pick<NamedPort, 'name' | 'protocol'>

/** What an update did to names. */
export interface NamesChange {
  /** Hosts that were put or dropped. */
  readonly changed: ReadonlySet<Hostname>
  /** Whether any host, alias or name of a port came, went or may now mean another host. */
  readonly namesChanged: boolean
  /** Names of endpoints that did not exist before. */
  readonly newNames: ReadonlySet<string>
}

/** Hosts of the mesh by all the names that they have themselves; resolvers that see the same may share them. */
export class HostNames {
  readonly #hosts = new Map<string, NameRecord>()
  /** A host of the same name goes before. */
  readonly #aliases = new Map<string, NameRecord>()
  readonly #owners = new AddressOwners()
  #wildcards = 0

  get size(): number {
    return this.#hosts.size
  }

  get hasWildcards(): boolean {
    return this.#wildcards > 0
  }

  records(): Iterable<NameRecord> {
    return this.#hosts.values()
  }

  /** The host of just this name, which may be a wildcard. */
  host(name: string): NameRecord | undefined {
    return this.#hosts.get(name)
  }

  update(delta: NameTableDelta): NamesChange {
    const changed = new Set<Hostname>([...delta.put.map(({ host }) => host), ...delta.drop])
    let namesChanged = delta.drop.length > 0
    const newNames = new Set<string>()
    for (const host of delta.drop) this.#drop(host)
    for (const record of delta.put) {
      const before = this.#hosts.get(record.host)
      namesChanged ||= !before || !hasSameNames(before, record)
      addNewNames(before, record, newNames)
      this.#drop(record.host)
      this.#put(record)
    }
    return { changed, namesChanged, newNames }
  }

  /** What has exactly this name. */
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

  /**
   * One label before a host is an endpoint; two before a Kubernetes Service are a port and its protocol, or an
   * endpoint and its cluster.
   */
  #below(name: string): HostMatch | undefined {
    const first = labelEnd(name, 0)
    if (first < 0) return undefined
    const parent = this.#named(name.slice(first + 1))
    if (parent) {
      const label = name.slice(0, first)
      const endpoint = parent.endpoints.find((one) => one.label === label)
      return endpoint && { record: parent, endpoint }
    }
    const second = labelEnd(name, first + 1)
    if (second < 0) return undefined
    const record = this.#named(name.slice(second + 1))
    if (!record?.cluster) return undefined
    const label = name.slice(0, second)
    const endpoint = record.endpoints.find((one) => one.label === label)
    if (endpoint) return { record, endpoint }
    const port = tryPort(name.slice(0, first), name.slice(first + 1, second))
    return port && hasPort(record, port) ? { record, port } : undefined
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

function hasPort(record: NameRecord, wanted: PortLabels): boolean {
  return portLists(record).some((list) => list.some((port) => isPort(port, wanted)))
}

/** Of the service, or of its endpoints where these have the say. */
function portLists({ ports, endpoints, cluster }: NameRecord): readonly (readonly NamedPort[])[] {
  return cluster?.headless ? endpoints.map((one) => one.ports) : [ports]
}

export function isPort(port: NamedPort, { name, protocol }: PortLabels): boolean {
  return port.name === name && port.protocol === protocol
}

/** Whether they have the same aliases, and ports by the same names. */
function hasSameNames(a: NameRecord, b: NameRecord): boolean {
  const ports = portNames(a)
  const others = portNames(b)
  return (
    a.aliases.join() === b.aliases.join() && ports.size === others.size && ports.isSubsetOf(others)
  )
}

/** Only ports of a cluster's Services are names of their own. */
function portNames(record: NameRecord): ReadonlySet<string> {
  const lists = record.cluster ? new Set(portLists(record)) : []
  return new Set([...lists].flat().map(({ name, protocol }) => `${name}.${protocol}`))
}

function addNewNames(before: NameRecord | undefined, record: NameRecord, names: Set<string>): void {
  if (record.endpoints.length === 0 || !before) return
  const known = new Set(before.endpoints.map(({ label }) => label))
  for (const { label } of record.endpoints) {
    if (known.has(label)) continue
    for (const name of [record.host, ...record.aliases]) names.add(`${label}.${name}`)
  }
}
