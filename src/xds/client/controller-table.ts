import type { CatalogChange } from '../../registry/catalog.ts'
import type { Hostname } from '../../registry/hostname.ts'
import type { NameTable } from '../../rpc/gen/istio/networking/nds/v1/nds_pb.js'
import type { AddressFields } from '../../translate/discovery/address-fields.ts'
import { DiscoveredServices } from '../../translate/discovery/discovered-services.ts'
import type { ReadOptions } from '../../translate/discovery/read-options.ts'
import { TableHash } from '../../translate/discovery/table-hash.ts'
import { typeUrls } from '../type-url.ts'
import type { DeltaResponse } from './decode-response.ts'
import { changedHosts, NameTableServices } from './name-table-services.ts'
import { type ReadResource, type ResourceReader, receive } from './receive.ts'
import { addressReader, nameTableReader } from './resource-readers.ts'
import type { SavedTable } from './saved-table.ts'
import { noServices, type ServiceMaps } from './service-maps.ts'

export interface ControllerTablePorts {
  readonly saved: SavedTable
  /** How resources become services. */
  readonly reading: ReadOptions
  /** Hears what became different, once the maps have it. */
  onChange(change: CatalogChange): void
}

/** What a response brought, read and as it came. */
export interface AddressChange {
  readonly put: readonly ReadResource<AddressFields>[]
  readonly drop: readonly string[]
  readonly response: DeltaResponse
}

/**
 * What the controller sent, what of it is in force, and what of it is saved.
 *
 * Until the first table is whole nothing is in force, so that no name of the mesh is taken for one of
 * the world outside by halves.
 */
export class ControllerTable {
  readonly #ports: ControllerTablePorts
  #discovered: DiscoveredServices
  #inForce: ServiceMaps = noServices
  #versions = new Map<string, string>()
  /** From the first time on that somebody wants to know it. */
  #hash: TableHash | undefined
  #kind: 'none' | 'addresses' | 'names' = 'none'
  #isBegun = false

  constructor(ports: ControllerTablePorts) {
    this.#ports = ports
    this.#discovered = new DiscoveredServices(ports.reading)
  }

  /** What the rest of the agent is told. */
  get inForce(): ServiceMaps {
    return this.#inForce
  }

  /** Which kind of table is in force. */
  get kind(): 'none' | 'addresses' | 'names' {
    return this.#kind
  }

  /** Name to version of what is held, in force or not. */
  get versions(): ReadonlyMap<string, string> {
    return this.#versions
  }

  /** Why resources that are held say nothing, by name. */
  get unusable(): ReadonlyMap<string, string> {
    return this.#discovered.unusable()
  }

  /** Of what is held: equal to the controller's when both have the same. */
  get hash(): string {
    if (!this.#hash) {
      this.#hash = new TableHash()
      for (const [name, version] of this.#versions) this.#hash.add(name, version)
    }
    return this.#hash.toString()
  }

  /** Puts the saved table in force; when it was good, in milliseconds since 1970, if there is one. */
  async load(): Promise<number | undefined> {
    let names: NameTable | undefined
    const loaded = await this.#ports.saved.load((response, typeUrl) => {
      if (typeUrl !== typeUrls.nameTable) this.#hold(read(response, addressReader))
      else names = read(response, nameTableReader).put[0]?.resource
    })
    if (!loaded) {
      this.#forgetAddresses()
      return undefined
    }
    if (names) this.#putNamesInForce(names)
    else this.#putAddressesInForce()
    return loaded.goodAtMs
  }

  /** Takes one response; `isLast` when the server has no more to say for now. */
  takeAddresses(change: AddressChange, isLast: boolean): void {
    const { saved } = this.#ports
    if (this.#kind !== 'addresses' && !this.#isBegun) {
      saved.begin(typeUrls.address)
      this.#isBegun = true
    }
    const hosts = this.#hold(change)
    saved.append(change.response)
    if (this.#kind === 'addresses') {
      this.#tell(hosts)
    } else if (isLast) {
      saved.complete(this.#kind === 'none' ? 'now' : 'soon')
      this.#putAddressesInForce()
    }
  }

  /** Takes one whole table, which replaces everything before. */
  takeNames(names: NameTable, response: DeltaResponse): void {
    const { saved } = this.#ports
    saved.begin(typeUrls.nameTable)
    saved.append(response)
    saved.complete(this.#kind === 'none' ? 'now' : 'soon')
    this.#forgetAddresses()
    this.#putNamesInForce(names)
  }

  #hold({ put, drop }: Pick<AddressChange, 'put' | 'drop'>): ReadonlySet<Hostname> {
    for (const name of drop) this.#setVersion(name, undefined)
    for (const { name, version } of put) this.#setVersion(name, version)
    return this.#discovered.apply(put, drop)
  }

  #setVersion(name: string, version: string | undefined): void {
    const before = this.#versions.get(name)
    if (before !== undefined) this.#hash?.remove(name, before)
    if (version === undefined) {
      this.#versions.delete(name)
    } else {
      this.#hash?.add(name, version)
      this.#versions.set(name, version)
    }
  }

  #tell(hosts: ReadonlySet<Hostname>): void {
    if (hosts.size > 0) this.#ports.onChange({ hosts, sidecars: false })
  }

  #putAddressesInForce(): void {
    this.#kind = 'addresses'
    this.#isBegun = false
    const hosts = new Set(this.#discovered.services().keys())
    for (const host of this.#inForce.services().keys()) hosts.add(host)
    this.#inForce = this.#discovered
    this.#tell(hosts)
  }

  #putNamesInForce(names: NameTable): void {
    this.#kind = 'names'
    const services = new NameTableServices(names)
    const hosts = changedHosts(this.#inForce.services(), services.services())
    this.#inForce = services
    this.#tell(hosts)
  }

  #forgetAddresses(): void {
    this.#isBegun = false
    if (this.#versions.size === 0) return
    this.#versions = new Map()
    this.#hash = undefined
    this.#discovered = new DiscoveredServices(this.#ports.reading)
  }
}

/** @throws {Error} when what was saved cannot be read. */
function read<R>(response: DeltaResponse, reader: ResourceReader<R>) {
  const received = receive(response, reader)
  if (received.kind === 'refused') throw new TypeError(received.reason)
  return received
}
