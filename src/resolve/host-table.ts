import type { IpAddress } from '../ip/address.ts'
import type { ClusterFacts } from '../registry/cluster-facts.ts'
import type { NameRecord, NameTableDelta } from '../registry/name-record.ts'
import type { AddressOwner } from './address-owners.ts'
import { type HostMatch, HostNames, type NamesChange } from './host-names.ts'
import { isEscaped, labelEnd } from './label-end.ts'

/**
 * The names that are answered from the mesh, found in the order of Istio's agent: the name itself,
 * the name under a search domain, then wildcards, most specific first. Names of a Kubernetes cluster
 * (services, their endpoints and ports) are names themselves, and so go before those that a search
 * domain or a wildcard makes.
 *
 * Names are lower case and without the last dot. Tables of several resolvers may have the same names: then only
 * whoever owns these updates them.
 */
export class HostTable {
  #names: HostNames
  #search: readonly string[] = []
  #cluster: ClusterFacts | undefined

  constructor(names = new HostNames()) {
    this.#names = names
  }

  get size(): number {
    return this.#names.size
  }

  /** What is known of the cluster as a whole; only complete facts let names be denied. */
  get cluster(): ClusterFacts | undefined {
    return this.#cluster
  }

  setCluster(facts: ClusterFacts | undefined): void {
    this.#cluster = facts
  }

  records(): Iterable<NameRecord> {
    return this.#names.records()
  }

  update(delta: NameTableDelta): NamesChange {
    return this.#names.update(delta)
  }

  /** Looks names up here from now on. */
  use(names: HostNames): void {
    this.#names = names
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
    return this.#names.exact(name)
  }

  /** Whether the name, or what it stands for below a search domain, is one of these. */
  isAmong(names: ReadonlySet<string>, name: string): boolean {
    if (names.size === 0) return false
    if (names.has(name)) return true
    return this.#search.some((domain) => names.has(withoutDomain(name, domain) ?? name))
  }

  /** Whose an address is; the first one answers PTR questions first. */
  ownersOf(address: IpAddress): readonly AddressOwner[] {
    return this.#names.ownersOf(address)
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
    if (!this.#names.hasWildcards) return undefined
    for (let dot = labelEnd(name, 0); dot >= 0; dot = labelEnd(name, dot + 1)) {
      const parent = name.slice(dot + 1)
      const record = this.#names.host(`*.${parent}`) ?? this.#wildcardBelowSearchDomain(parent)
      if (record) return { record }
    }
    return undefined
  }

  #wildcardBelowSearchDomain(parent: string): NameRecord | undefined {
    for (const domain of this.#search) {
      const short = withoutDomain(parent, domain)
      const record = short === undefined ? undefined : this.#names.host(`*.${short}`)
      if (record) return record
    }
    return undefined
  }
}

/**
 * The name without the search domain; `undefined` when it does not end in it, or still would
 * afterwards: a full name is not meant where its own domain was appended once more.
 */
function withoutDomain(name: string, domain: string): string | undefined {
  const dot = name.length - domain.length - 1
  if (!name.endsWith(domain) || name[dot] !== '.' || isEscaped(name, dot)) return undefined
  const short = name.slice(0, dot)
  return short === domain || short.endsWith(`.${domain}`) ? undefined : short
}
