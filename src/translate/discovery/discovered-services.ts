import type { ServicesByHost } from '../../registry/catalog.ts'
import type { Hostname } from '../../registry/hostname.ts'
import type { Service } from '../../registry/service.ts'
import {
  type VirtualAddresses,
  type VirtualOwner,
  type VirtualPair,
  virtualOwner,
} from '../../registry/virtual-addresses.ts'
import type { Address } from '../../rpc/gen/istio/workload/workload_pb.js'
import { compareText } from '../services/compare-text.ts'
import { completeServices } from './complete-services.ts'
import { Faults } from './faults.ts'
import { type ReadOptions, type ReadService, readService } from './read-service.ts'
import { readWorkload } from './read-workload.ts'
import { WorkloadRoles } from './workload-roles.ts'

/** A resource of workload discovery, decoded. */
export interface NamedAddress {
  readonly name: string
  readonly resource: Address
}

/** A service with its endpoints, as it is in force. */
interface Completed {
  readonly read: ReadService
  readonly services: readonly Service[]
}

/**
 * The services that resources of workload discovery tell of.
 *
 * Services and workloads may come in any order. A resource that cannot be used changes nothing: what it
 * said before stays in force.
 */
export class DiscoveredServices {
  readonly #options: ReadOptions
  /** By name of the resource, as those below. */
  readonly #read = new Map<string, ReadService>()
  readonly #completed = new Map<string, Completed>()
  readonly #unusable = new Map<string, string>()
  readonly #roles = new WorkloadRoles()
  readonly #names = new Map<Hostname, ReadonlySet<string>>()
  readonly #services = new Map<Hostname, readonly Service[]>()
  readonly #virtual = new Map<VirtualOwner, VirtualPair>()

  constructor(options: ReadOptions) {
    this.#options = options
  }

  /** Live, as `virtualAddresses`; both change in `apply` only. */
  services(): ServicesByHost {
    return this.#services
  }

  virtualAddresses(): VirtualAddresses {
    return this.#virtual
  }

  /** Why resources cannot be used, by name, as the end of a sentence. */
  unusable(): ReadonlyMap<string, string> {
    return this.#unusable
  }

  /** Drops, then puts, all at once; the hosts whose services or addresses are others. */
  apply(put: Iterable<NamedAddress>, drop: Iterable<string>): ReadonlySet<Hostname> {
    const touched = new Set<string>()
    const changed = new Set<Hostname>()
    for (const name of drop) this.#drop(name, touched, changed)
    for (const { name, resource } of put) this.#put(name, resource, touched)
    for (const name of touched) this.#complete(name, changed)
    for (const host of changed) this.#replace(host)
    return changed
  }

  #put(name: string, { type }: Address, touched: Set<string>): void {
    const faults = new Faults()
    const { source } = this.#options
    if (type.case === 'service') {
      const read = readService(name, type.value, { faults, options: this.#options })
      if (read) {
        this.#read.set(name, read)
        touched.add(name)
      }
    } else if (type.case === 'workload') {
      const read = readWorkload(name, type.value, { faults, source })
      if (read) for (const service of this.#roles.put(name, read.roles)) touched.add(service)
    } else faults.add('it is neither a service nor a workload')
    if (faults.first === undefined) this.#unusable.delete(name)
    else this.#unusable.set(name, faults.first)
  }

  #drop(name: string, touched: Set<string>, changed: Set<Hostname>): void {
    this.#unusable.delete(name)
    for (const service of this.#roles.drop(name)) touched.add(service)
    const read = this.#read.get(name)
    if (!read) return
    const { host, namespace } = read
    this.#read.delete(name)
    this.#completed.delete(name)
    this.#virtual.delete(virtualOwner(namespace, host))
    this.#names.set(host, new Set([...this.#namesOf(host)].filter((other) => other !== name)))
    changed.add(host)
  }

  #complete(name: string, changed: Set<Hostname>): void {
    const read = this.#read.get(name)
    if (!read) return
    const { host } = read
    const before = this.#completed.get(name)
    const known = before?.read === read ? before.services : []
    const services = completeServices(read, this.#roles.of(name), known)
    if (services !== known) {
      this.#completed.set(name, { read, services })
      changed.add(host)
    }
    if (!this.#namesOf(host).has(name))
      this.#names.set(host, this.#namesOf(host).union(new Set([name])))
    const owner = virtualOwner(read.namespace, host)
    if (read.virtual.v4 === undefined && read.virtual.v6 === undefined) this.#virtual.delete(owner)
    else this.#virtual.set(owner, read.virtual)
  }

  #replace(host: Hostname): void {
    const names = [...this.#namesOf(host)].sort(compareText)
    const services = names.flatMap((name) => this.#completed.get(name)?.services ?? [])
    if (services.length > 0) this.#services.set(host, services)
    else {
      this.#services.delete(host)
      this.#names.delete(host)
    }
  }

  #namesOf(host: Hostname): ReadonlySet<string> {
    return this.#names.get(host) ?? new Set()
  }
}
