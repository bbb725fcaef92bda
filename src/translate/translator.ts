import { isDeepStrictEqual } from 'node:util'
import type { Finding } from '../documents/finding.ts'
import { Report } from '../documents/report.ts'
import type { ServicesByHost } from '../registry/catalog.ts'
import type { Hostname } from '../registry/hostname.ts'
import { comparePrecedence, type Service } from '../registry/service.ts'
import type { KubernetesService, MeshObject, ServiceEntry, ServiceImport } from './mesh-object.ts'
import { serviceOfKubernetes } from './services/from-kubernetes-service.ts'
import { servicesOfEntry } from './services/from-service-entry.ts'
import { serviceOfImport } from './services/from-service-import.ts'
import { KubernetesWorkloads, objectKey } from './services/kubernetes-workloads.ts'
import { findProtocolConflicts } from './services/protocol-conflicts.ts'
import { SelectorIndex } from './services/selector-index.ts'
import type { TranslateOptions } from './translate-options.ts'
import type { ObjectChange } from './unique-objects.ts'

/** An object that declares hosts. */
type Declaring = ServiceEntry | KubernetesService | ServiceImport

interface Made {
  readonly object: Declaring
  readonly services: readonly Service[]
}

/** The services of hosts as they are going to be, in any order. */
type Drafts = Map<Hostname, Service[]>

/**
 * The services that the objects of the mesh declare; kept up to date object by object.
 *
 * An object is translated again only when it changed, or a workload that it may run on. A service
 * that comes out equal stays the same object.
 */
export class Translator {
  #options: TranslateOptions
  readonly #workloads = new KubernetesWorkloads()
  readonly #selectors = new SelectorIndex()
  /** By `keyOf`. */
  readonly #made = new Map<string, Made>()
  readonly #services = new Map<Hostname, readonly Service[]>()
  readonly #conflicts = new Map<Hostname, readonly Finding[]>()
  readonly #unnamed = new Map<string, readonly Finding[]>()
  #findings: readonly Finding[] | undefined

  constructor(options: TranslateOptions) {
    this.#options = options
  }

  /** Live; the services of a host in the order of precedence. */
  services(): ServicesByHost {
    return this.#services
  }

  /** In the order in which objects came, and of their hosts. */
  *inOrder(): Generator<Service> {
    for (const { services } of this.#made.values()) yield* services
  }

  /** What must be said of several objects together, or of their names; the same array as long as nothing changed. */
  findings(): readonly Finding[] {
    this.#findings ??= [...this.#unnamed.values(), ...this.#conflicts.values()].flat()
    return this.#findings
  }

  /** Takes a change of the objects in force; gives the hosts whose services are others now. */
  update({ gone, come }: ObjectChange): ReadonlySet<Hostname> {
    const dirty = new Set<string>()
    const drafts: Drafts = new Map()
    for (const object of gone) {
      this.#addDependents(object, dirty)
      this.#workloads.delete(object)
      if (!isDeclaring(object)) continue
      if (object.kind !== 'ServiceImport') this.#selectors.delete(object)
      this.#replace(keyOf(object), undefined, drafts)
    }
    for (const object of come) {
      this.#workloads.add(object)
      this.#addDependents(object, dirty)
      if (!isDeclaring(object)) continue
      if (object.kind !== 'ServiceImport') this.#selectors.add(object)
      this.#made.set(keyOf(object), { object, services: [] })
      dirty.add(keyOf(object))
    }
    this.#addOnNodes([...gone, ...come], dirty)
    this.#addInNamespaces([...gone, ...come], dirty)
    for (const key of dirty) {
      const object = this.#made.get(key)?.object
      if (object) this.#replace(key, { object, services: this.#translate(object) }, drafts)
    }
    return this.#settle(drafts)
  }

  /** Translates everything again as these options say; gives the hosts whose services are others now. */
  setOptions(options: TranslateOptions): ReadonlySet<Hostname> {
    this.#options = options
    const drafts: Drafts = new Map()
    for (const [key, { object }] of this.#made) {
      this.#replace(key, { object, services: this.#translate(object) }, drafts)
    }
    return this.#settle(drafts)
  }

  /** Those that are made of an object which others only run on. */
  #addDependents(object: MeshObject, dirty: Set<string>): void {
    if (object.kind === 'Pod' || object.kind === 'WorkloadEntry') {
      for (const selecting of this.#selectors.selecting(object)) dirty.add(keyOf(selecting))
    }
    if (object.kind === 'Pod' || object.kind === 'EndpointSlice') {
      for (const key of this.#workloads.ownersBySlice(object)) {
        if (this.#made.has(key)) dirty.add(key)
      }
    }
  }

  /** Those that run on a node which is elsewhere than before, as far as it is known. */
  #addOnNodes(objects: readonly MeshObject[], dirty: Set<string>): void {
    const moved = objects.filter(({ kind }) => kind === 'Node').map(({ meta }) => meta.name)
    if (moved.length === 0) return
    for (const object of this.#workloads.onNodes(new Set(moved))) this.#addDependents(object, dirty)
  }

  /** Those of a namespace that has, or had, something to say of all of them. */
  #addInNamespaces(objects: readonly MeshObject[], dirty: Set<string>): void {
    const saying = objects.filter((one) => one.kind === 'Namespace' && one.traffic !== undefined)
    if (saying.length === 0) return
    const names = new Set(saying.map(({ meta }) => meta.name))
    for (const [key, { object }] of this.#made) {
      if (names.has(object.meta.namespace)) dirty.add(key)
    }
  }

  #translate(object: Declaring): readonly Service[] {
    if (object.kind === 'ServiceEntry') {
      const services = servicesOfEntry(object, this.#workloads, this.#options)
      return services.map((service) => this.#keepEqual(service))
    }
    const service =
      object.kind === 'Service'
        ? serviceOfKubernetes(object, this.#workloads, this.#options)
        : serviceOfImport(object, this.#workloads, this.#options)
    if (service) return [this.#keepEqual(service)]
    this.#setFindings(this.#unnamed, keyOf(object), nameTooLong(object))
    return []
  }

  #keepEqual(service: Service): Service {
    const known = this.#services.get(service.host) ?? []
    const isEqual = (one: Service) =>
      one.origin.name === service.origin.name && isDeepStrictEqual(one, service)
    return known.find(isEqual) ?? service
  }

  #replace(key: string, after: Made | undefined, drafts: Drafts): void {
    const before = this.#made.get(key)?.services ?? []
    for (const service of before) {
      const draft = this.#draftOf(service.host, drafts)
      draft.splice(draft.indexOf(service), 1)
    }
    for (const service of after?.services ?? []) {
      this.#draftOf(service.host, drafts).push(service)
    }
    if (after) this.#made.set(key, after)
    else this.#made.delete(key)
    if (!after || after.services.length > 0) this.#setFindings(this.#unnamed, key, [])
  }

  #draftOf(host: Hostname, drafts: Drafts): Service[] {
    const draft = drafts.get(host) ?? [...(this.#services.get(host) ?? [])]
    drafts.set(host, draft)
    return draft
  }

  #settle(drafts: Drafts): ReadonlySet<Hostname> {
    const changed = new Set<Hostname>()
    for (const [host, draft] of drafts) {
      draft.sort(comparePrecedence)
      this.#findConflicts(host, draft)
      const before = this.#services.get(host) ?? []
      if (draft.length === before.length && draft.every((one, at) => one === before[at])) continue
      if (draft.length > 0) this.#services.set(host, draft)
      else this.#services.delete(host)
      changed.add(host)
    }
    return changed
  }

  #findConflicts(host: Hostname, services: readonly Service[]): void {
    const entries = services
      .map(({ origin }) => this.#made.get(objectKey(origin.kind, origin.namespace, origin.name)))
      .map((made) => made?.object)
      .filter((object) => object?.kind === 'ServiceEntry')
    const findings = entries.length > 1 ? findProtocolConflicts(host, entries) : []
    this.#setFindings(this.#conflicts, host, findings)
  }

  #setFindings<K>(lists: Map<K, readonly Finding[]>, key: K, findings: readonly Finding[]): void {
    if (lists.delete(key) || findings.length > 0) this.#findings = undefined
    if (findings.length > 0) lists.set(key, findings)
  }
}

function isDeclaring(object: MeshObject): object is Declaring {
  return ['ServiceEntry', 'Service', 'ServiceImport'].includes(object.kind)
}

function keyOf({ kind, meta }: Declaring): string {
  return objectKey(kind, meta.namespace, meta.name)
}

function nameTooLong({ kind, meta }: Declaring): readonly Finding[] {
  const report = new Report(meta.document, meta.origin)
  report.error({
    code: 'HOST_NAME',
    path: ['metadata', 'name'],
    message: `the name of this ${kind} makes no valid host name`,
    hint: 'Use a shorter name of lower-case letters, digits and inner hyphens.',
  })
  return report.findings
}
