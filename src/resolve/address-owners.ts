import type { IpAddress } from '../ip/address.ts'
import { clusterSetDomain, type NameRecord } from '../registry/name-record.ts'

/** Who has an address: a host itself, or an endpoint of a Kubernetes Service. */
export interface AddressOwner {
  readonly record: NameRecord
  /** The name that the address leads back to. */
  readonly name: string
}

/** Whose addresses are, for PTR questions: hosts' own first, else endpoints'. */
export class AddressOwners {
  /** Most addresses have one owner. */
  readonly #hosts = new Map<IpAddress, readonly AddressOwner[]>()
  readonly #endpoints = new Map<IpAddress, readonly AddressOwner[]>()

  of(address: IpAddress): readonly AddressOwner[] {
    const all = this.#hosts.get(address) ?? this.#endpoints.get(address) ?? []
    // What has a name in the cluster has none in the set of clusters (multicluster DNS specification §2.3.3, §2.4.3).
    const own = all.filter(({ record }) => record.cluster?.domain !== clusterSetDomain)
    return own.length > 0 ? own : all
  }

  add(record: NameRecord): void {
    for (const address of record.reverse) {
      const all = [...(this.#hosts.get(address) ?? []), { record, name: record.host }]
      this.#hosts.set(
        address,
        all.sort((a, b) => (a.name < b.name ? -1 : 1)),
      )
    }
    for (const [address, name] of namedAddresses(record)) {
      this.#endpoints.set(address, [...(this.#endpoints.get(address) ?? []), { record, name }])
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

function remove(
  owners: Map<IpAddress, readonly AddressOwner[]>,
  address: IpAddress,
  gone: NameRecord,
): void {
  const left = owners.get(address)?.filter(({ record }) => record !== gone) ?? []
  if (left.length > 0) owners.set(address, left)
  else owners.delete(address)
}
