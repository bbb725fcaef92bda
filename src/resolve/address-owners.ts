import type { IpAddress } from '../ip/address.ts'
import { clusterSetDomain, type NameRecord } from '../registry/name-record.ts'

/** Who has an address: a host itself, or an endpoint of a Kubernetes Service. */
export interface AddressOwner {
  readonly record: NameRecord
  /** The name that the address leads back to. */
  readonly name: string
}

type Owners = Map<IpAddress, AddressOwner[]>

/** Whose addresses are, for PTR questions: hosts' own first, else endpoints'. */
export class AddressOwners {
  /** Most addresses have one owner; some have very many. */
  readonly #hosts: Owners = new Map()
  readonly #endpoints: Owners = new Map()

  /** In the order of their names. */
  of(address: IpAddress): readonly AddressOwner[] {
    const all = this.#hosts.get(address) ?? this.#endpoints.get(address) ?? []
    // What has a name in the cluster has none in the set of clusters (multicluster DNS specification §2.3.3, §2.4.3).
    const own = all.filter(({ record }) => record.cluster?.domain !== clusterSetDomain)
    return (own.length > 0 ? own : all).toSorted((a, b) => (a.name < b.name ? -1 : 1))
  }

  add(record: NameRecord): void {
    for (const address of record.reverse) add(this.#hosts, address, { record, name: record.host })
    for (const [address, name] of namedAddresses(record)) {
      add(this.#endpoints, address, { record, name })
    }
  }

  delete(record: NameRecord): void {
    for (const address of record.reverse) remove(this.#hosts, address, record)
    for (const [address] of namedAddresses(record)) remove(this.#endpoints, address, record)
  }
}

/** Only a cluster's endpoints have names that are known to all. */
function* namedAddresses(record: NameRecord): Generator<readonly [IpAddress, string]> {
  if (!record.cluster) return
  for (const { label, addresses } of record.endpoints) {
    for (const address of addresses) yield [address, `${label}.${record.host}`]
  }
}

function add(owners: Owners, address: IpAddress, owner: AddressOwner): void {
  const known = owners.get(address)
  if (known) known.push(owner)
  else owners.set(address, [owner])
}

/** One of what it owns there; called as often as it was added. */
function remove(owners: Owners, address: IpAddress, gone: NameRecord): void {
  const known = owners.get(address)
  const at = known?.findIndex(({ record }) => record === gone) ?? -1
  if (!known || at < 0) return
  if (known.length === 1) owners.delete(address)
  else known.splice(at, 1)
}
