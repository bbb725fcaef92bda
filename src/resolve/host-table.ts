import type { IpAddress } from '../ip/address.ts'
import type { Hostname } from '../registry/hostname.ts'
import type { NamedEndpoint, NameRecord, NameTableDelta } from '../registry/name-record.ts'

/** What a name stands for: a host, or one endpoint below a headless host. */
export interface HostMatch {
  readonly record: NameRecord
  readonly endpoint?: NamedEndpoint
}

/**
 * The names that are answered from the mesh, found in the order of Istio's agent: the name itself,
 * the name under a search domain, then wildcards, most specific first.
 *
 * Names are lower case and without the last dot.
 */
export class HostTable {
  readonly #hosts = new Map<string, NameRecord>()
  /** Aliases and endpoints' names; a host of the same name goes before. */
  readonly #others = new Map<string, HostMatch>()
  readonly #byAddress = new Map<IpAddress, NameRecord[]>()
  #wildcards = 0
  #search: readonly string[] = []

  get size(): number {
    return this.#hosts.size
  }

  records(): Iterable<NameRecord> {
    return this.#hosts.values()
  }

  /** Tells whether any name came, went or may now mean another host. */
  update(delta: NameTableDelta): { readonly namesChanged: boolean } {
    let namesChanged = delta.drop.length > 0
    for (const host of delta.drop) this.#drop(host)
    for (const record of delta.put) {
      const before = this.#hosts.get(record.host)
      namesChanged ||= before === undefined || namesOf(before) !== namesOf(record)
      this.#drop(record.host)
      this.#put(record)
    }
    return { namesChanged }
  }

  /** Domains that stubs append to short names (`search` of resolv.conf), in their order. */
  setSearch(domains: readonly string[]): void {
    this.#search = domains
  }

  lookup(name: string): HostMatch | undefined {
    return this.#exact(name) ?? this.#belowSearchDomain(name) ?? this.#wildcard(name)
  }

  /** The hosts that an address belongs to; the first one answers PTR questions first. */
  hostsAt(address: IpAddress): readonly NameRecord[] {
    return this.#byAddress.get(address) ?? []
  }

  #exact(name: string): HostMatch | undefined {
    const record = this.#hosts.get(name)
    return record ? { record } : this.#others.get(name)
  }

  #belowSearchDomain(name: string): HostMatch | undefined {
    for (const domain of this.#search) {
      const short = withoutDomain(name, domain)
      const match = short === undefined ? undefined : this.#exact(short)
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
    for (const [name, match] of otherNames(record)) this.#others.set(name, match)
    for (const address of record.reverse) {
      const hosts = this.#byAddress.get(address)
      const all = hosts ? [...hosts, record].sort((a, b) => (a.host < b.host ? -1 : 1)) : [record]
      this.#byAddress.set(address, all)
    }
  }

  #drop(host: Hostname): void {
    const record = this.#hosts.get(host)
    if (!record) return
    this.#hosts.delete(host)
    if (host.startsWith('*')) this.#wildcards -= 1
    for (const [name] of otherNames(record)) {
      if (this.#others.get(name)?.record === record) this.#others.delete(name)
    }
    for (const address of record.reverse) {
      const left = this.hostsAt(address).filter((other) => other !== record)
      if (left.length > 0) this.#byAddress.set(address, left)
      else this.#byAddress.delete(address)
    }
  }
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

function otherNames(record: NameRecord): readonly [string, HostMatch][] {
  if (record.aliases.length === 0 && record.endpoints.length === 0) return []
  const own: readonly string[] = [record.host, ...record.aliases]
  const aliases = record.aliases.map((alias): [string, HostMatch] => [alias, { record }])
  const endpoints = record.endpoints.flatMap((endpoint) =>
    own.map((name): [string, HostMatch] => [`${endpoint.label}.${name}`, { record, endpoint }]),
  )
  return [...aliases, ...endpoints]
}

function namesOf({ aliases, endpoints }: NameRecord): string {
  return [...aliases, '', ...endpoints.map(({ label }) => label)].join(' ')
}
