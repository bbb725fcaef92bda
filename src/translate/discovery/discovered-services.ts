import type { ServicesByHost } from '../../registry/catalog.ts'
import type { Hostname } from '../../registry/hostname.ts'
import type { Service } from '../../registry/service.ts'
import type {
  VirtualAddresses,
  VirtualOwner,
  VirtualPair,
} from '../../registry/virtual-addresses.ts'
import type { AddressFields } from './address-fields.ts'
import { completeServices } from './complete-services.ts'
import { Faults } from './faults.ts'
import { NamesByHost } from './names-by-host.ts'
import type { ReadOptions } from './read-options.ts'
import { type ReadService, readService } from './read-service.ts'
import { readWorkload } from './read-workload.ts'
import { SharedValues } from './shared-values.ts'
import { WorkloadRoles } from './workload-roles.ts'

/** A resource of workload discovery, decoded. */
export interface NamedAddress {
  readonly name: string
  readonly resource: AddressFields
}

/**
 * The services that resources of workload discovery tell of.
 *
 * Services and workloads may come in any order. A resource that cannot be used changes nothing: what it
 * said before stays in force.
 */
export class DiscoveredServices {
  readonly #options: ReadOptions
  /** By name of the resource; with the endpoints that are in force. */
  readonly #read = new Map<string, ReadService>()
  readonly #unusable = new Map<string, string>()
  readonly #roles = new WorkloadRoles()
  readonly #shared = new SharedValues()
  /** Names of the resources that tell of a host. */
  readonly #names = new NamesByHost()
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
    for (const { name, resource } of put) this.#put(name, resource, { touched, changed })
    for (const name of touched) this.#complete(name, changed)
    for (const host of changed) this.#replace(host)
    return changed
  }

  #put(
    name: string,
    { type }: AddressFields,
    { touched, changed }: { readonly touched: Set<string>; readonly changed: Set<Hostname> },
  ): void {
    const faults = new Faults()
    const context = { faults, options: this.#options, shared: this.#shared }
    if (type.case === 'service') {
      const read = readService(name, type.value, context)
      if (read) {
        this.#hold(read)
        touched.add(name)
        changed.add(read.host)
      }
    } else if (type.case === 'workload') {
      const read = readWorkload(name, type.value, context)
      if (read) this.#roles.put(name, read.roles, touched)
    } else faults.add('it is neither a service nor a workload')
    if (faults.first === undefined) this.#unusable.delete(name)
    else this.#unusable.set(name, faults.first)
  }

  #hold(read: ReadService): void {
    const { name, host, owner, virtual } = read
    this.#names.add(host, name)
    this.#read.set(name, read)
    if (virtual.v4 === undefined && virtual.v6 === undefined) this.#virtual.delete(owner)
    else this.#virtual.set(owner, virtual)
  }

  #drop(name: string, touched: Set<string>, changed: Set<Hostname>): void {
    this.#unusable.delete(name)
    this.#roles.drop(name, touched)
    const read = this.#read.get(name)
    if (!read) return
    const { host, owner } = read
    this.#names.delete(host, name)
    this.#read.delete(name)
    this.#virtual.delete(owner)
    changed.add(host)
  }

  /** Gives a service the endpoints that it now has. */
  #complete(name: string, changed: Set<Hostname>): void {
    const read = this.#read.get(name)
    if (!read) return
    const declarations = completeServices(read, this.#roles.of(name))
    if (declarations === read.declarations) return
    this.#read.set(name, { ...read, declarations })
    changed.add(read.host)
  }

  #replace(host: Hostname): void {
    const [first = '', ...others] = this.#names.of(host)
    const only = this.#read.get(first)?.declarations ?? []
    const services =
      others.length === 0
        ? only
        : [...only, ...others.flatMap((name) => this.#read.get(name)?.declarations ?? [])]
    if (services.length > 0) this.#services.set(host, services)
    else this.#services.delete(host)
  }
}
