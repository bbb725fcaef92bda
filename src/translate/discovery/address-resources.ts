import { hash } from 'node:crypto'
import type { IpAddress } from '../../ip/address.ts'
import type { Catalog } from '../../registry/catalog.ts'
import type { Hostname } from '../../registry/hostname.ts'
import { comparePrecedence, type Service } from '../../registry/service.ts'
import { virtualOwner } from '../../registry/virtual-addresses.ts'
import { compareText } from '../services/compare-text.ts'
import { type Contribution, slotsOf } from './endpoint-slots.ts'
import type { AddressResource, ResourceChange, ServiceReference } from './resource.ts'
import { type ResourceContent, ResourceEncoder } from './resource-encoder.ts'
import { isSameContribution, isSameWorkload } from './same-contribution.ts'
import { addressesOf, type DeclaredService, serviceMessage } from './service-message.ts'
import { serviceName } from './service-name.ts'
import { type Contributions, type MeshPlace, workloadMessage } from './workload-message.ts'

export interface AddressResourcesOptions {
  /** The first part of every workload's uid. */
  readonly clusterId: string
  /** Of services, and of workloads that name none; missing where the mesh is one network. */
  readonly network?: string
  /** Of their identities; missing for `cluster.local`. */
  readonly trustDomain?: string
}

/** What one host has made. */
interface HostRecord {
  /** Names of service resources. */
  readonly services: readonly string[]
  readonly slots: Iterable<string>
}

/** What was found to be different, as it is being collected. */
interface Changes {
  readonly put: AddressResource[]
  readonly drop: string[]
}

/**
 * The catalog as resources of workload discovery: one for each host of a namespace, one for each workload.
 *
 * It is told which hosts changed, and looks at these and their workloads only.
 */
export class AddressResources {
  readonly #place: MeshPlace
  readonly #encoder = new ResourceEncoder()
  readonly #resources = new Map<string, AddressResource>()
  readonly #hosts = new Map<Hostname, HostRecord>()
  /** By slot: what all services say of one workload. */
  readonly #contributions = new Map<string, readonly Contribution[]>()
  /** By slot: names of its resources, where they are others than the slot itself. */
  readonly #variants = new Map<string, readonly string[]>()

  constructor({ clusterId, network = '', trustDomain = '' }: AddressResourcesOptions) {
    this.#place = { clusterId, network, trustDomain }
  }

  /** Takes over what the catalog now says of the hosts; each may be new, different, gone, or the same. */
  update(hosts: Iterable<Hostname>, catalog: Catalog): ResourceChange {
    const changes: Changes = { put: [], drop: [] }
    const touched = new Set<string>()
    for (const host of hosts) this.#updateHost(host, catalog, { changes, touched })
    for (const slot of touched) this.#updateSlot(slot, changes)
    return changes
  }

  #updateHost(
    host: Hostname,
    catalog: Catalog,
    { changes, touched }: { readonly changes: Changes; readonly touched: Set<string> },
  ): void {
    const ordered = [...(catalog.services().get(host) ?? [])].sort(comparePrecedence)
    const names = new Set<string>()
    const slots = new Map<string, Contribution[]>()
    for (const [namespace, declarations] of Map.groupBy(ordered, (one) => one.namespace)) {
      const [first, ...others] = declarations
      if (first === undefined) continue
      const virtual = catalog.virtualAddresses().get(virtualOwner(namespace, host))
      const canonical = first === ordered[0]
      const content = serviceContent(
        { declarations: [first, ...others], virtual, canonical },
        this.#place,
      )
      names.add(content.name)
      this.#put(content, changes)
      for (const [slot, contributions] of slotsOf(declarations, this.#place.clusterId)) {
        slots.set(slot, [...(slots.get(slot) ?? []), ...contributions])
      }
    }
    const before = this.#hosts.get(host)
    for (const name of before?.services ?? []) if (!names.has(name)) this.#drop(name, changes)
    for (const slot of new Set([...(before?.slots ?? []), ...slots.keys()])) {
      if (this.#contribute(slot, host, slots.get(slot) ?? [])) touched.add(slot)
    }
    if (ordered.length === 0) this.#hosts.delete(host)
    else this.#hosts.set(host, { services: [...names], slots: [...slots.keys()] })
  }

  /** Whether what the host says of the workload is new. */
  #contribute(slot: string, host: Hostname, now: readonly Contribution[]): boolean {
    const all = this.#contributions.get(slot) ?? []
    const before = all.filter(({ service }) => service.host === host)
    const others = all.filter(({ service }) => service.host !== host)
    const joined = [...others, ...now].sort(compareContributions)
    if (joined.length === 0) this.#contributions.delete(slot)
    else this.#contributions.set(slot, joined)
    const sorted = [...now].sort(compareContributions)
    return (
      before.length !== sorted.length ||
      before.some((one, index) => !isSameContribution(one, sorted[index] ?? one))
    )
  }

  #updateSlot(slot: string, changes: Changes): void {
    const before = this.#variants.get(slot) ?? [slot]
    const variants = variantsOf(slot, this.#contributions.get(slot) ?? [])
    for (const [uid, contributions] of variants) {
      this.#put(workloadContent(uid, contributions, this.#place), changes)
    }
    for (const uid of before) if (!variants.has(uid)) this.#drop(uid, changes)
    if (variants.size > 1) this.#variants.set(slot, [...variants.keys()])
    else this.#variants.delete(slot)
  }

  #put(content: ResourceContent, { put }: Changes): void {
    const known = this.#resources.get(content.name)
    const resource = this.#encoder.encode(content, known)
    if (resource === known) return
    this.#resources.set(content.name, resource)
    put.push(resource)
  }

  #drop(name: string, { drop }: Changes): void {
    if (this.#resources.delete(name)) drop.push(name)
  }
}

function serviceContent(service: DeclaredService, { network }: MeshPlace): ResourceContent {
  const { declarations } = service
  return {
    name: serviceName(declarations[0]),
    aliases: aliasesOf(network, addressesOf(service)),
    message: serviceMessage(service, network),
    services: distinct(declarations.map(referenceTo)),
  }
}

function workloadContent(
  uid: string,
  contributions: Contributions,
  place: MeshPlace,
): ResourceContent {
  const [{ endpoint }] = contributions
  const { target, otherAddresses, network = place.network } = endpoint
  return {
    name: uid,
    aliases: target.kind === 'ip' ? aliasesOf(network, [target.address, ...otherAddresses]) : [],
    message: workloadMessage(uid, contributions, place),
    services: distinct(contributions.map(({ service }) => service)),
  }
}

/**
 * Services that do not agree on a workload make several of it, told apart by a hash of what they say.
 *
 * Only sources that contradict themselves come to that.
 */
function variantsOf(
  slot: string,
  contributions: readonly Contribution[],
): ReadonlyMap<string, Contributions> {
  const variants = new Map<string, Contributions>()
  const [first] = contributions
  if (first === undefined) return variants
  for (const contribution of contributions) {
    const { endpoint } = contribution
    const agrees = isSameWorkload(first.endpoint, endpoint)
    const uid = agrees ? slot : `${slot}~${factsHash(contribution)}`
    const known = variants.get(uid)
    variants.set(uid, known ? [...known, contribution] : [contribution])
  }
  return variants
}

function factsHash({ endpoint }: Contribution): string {
  const { target, otherAddresses, weight, healthy, locality, network, origin } = endpoint
  const { node, serviceAccount } = endpoint
  const where =
    target.kind === 'ip' ? target.address : target.kind === 'name' ? target.name : target.path
  const facts = [
    target.kind,
    where,
    otherAddresses,
    weight,
    healthy,
    locality,
    network,
    node,
    serviceAccount,
  ]
  const text = JSON.stringify([...facts, origin.file, origin.line])
  return hash('sha256', text, 'base64url').slice(0, 8)
}

function compareContributions(a: Contribution, b: Contribution): number {
  return compareText(a.serviceName, b.serviceName) || compareText(a.declaredBy, b.declaredBy)
}

function aliasesOf(network: string, addresses: readonly IpAddress[]): readonly string[] {
  return [...new Set(addresses)].map((address) => `${network}/${address}`)
}

function referenceTo({ namespace, host, exportTo }: Service): ServiceReference {
  return { namespace, host, exportTo }
}

function distinct(references: readonly ServiceReference[]): readonly ServiceReference[] {
  if (references.length === 1) return references
  return [...new Map(references.map((one) => [JSON.stringify(one), one])).values()]
}
