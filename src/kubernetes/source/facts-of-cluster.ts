import { type ClusterFacts, isSameFacts } from '../../registry/cluster-facts.ts'
import type { ReflectorState } from '../watch/reflector-options.ts'
import type { ClusterObject } from './project-object.ts'

/** Kinds of which all must be known before a name of the cluster may be denied, by `nameOfKind`. */
const decisive = ['services', 'endpointslices.discovery.k8s.io', 'namespaces'] as const

/** What is known of the cluster as a whole, as its objects come and go. */
export class FactsOfCluster {
  readonly #states: () => ReadonlyMap<string, ReflectorState>
  readonly #followers: (() => void)[] = []
  readonly #namespaces = new Set<string>()
  readonly #localities = new Map<string, string>()
  #hasMoved = false
  /** Services whose names may exist, by the objects that we do not understand. */
  readonly #refused = new Map<string, string>()
  #facts: ClusterFacts

  constructor(domain: string, states: () => ReadonlyMap<string, ReflectorState>) {
    this.#states = states
    this.#facts = {
      domain,
      namespaces: new Set(),
      complete: false,
      unknownServices: new Set(),
    }
  }

  /** As of the last `settle`; the same object as long as nothing changed. */
  current(): ClusterFacts {
    return this.#facts
  }

  /** Where a node is, `REGION/ZONE/SUBZONE`. */
  localityOf(node: string): string | undefined {
    return this.#localities.get(node)
  }

  follow(onChange: () => void): void {
    this.#followers.push(onChange)
  }

  take(put: readonly ClusterObject[], gone: readonly ClusterObject[]): void {
    for (const { key, object } of gone) {
      if (object?.kind === 'Node') this.#setLocality(object.meta.name, undefined)
      this.#refused.delete(key)
      this.#namespaces.delete(namespaceOf(key) ?? '')
    }
    for (const { key, object, unknownService } of put) {
      if (object?.kind === 'Node') this.#setLocality(object.meta.name, object.locality)
      const namespace = namespaceOf(key)
      if (namespace !== undefined) this.#namespaces.add(namespace)
      else if (unknownService === undefined) this.#refused.delete(key)
      else this.#refused.set(key, unknownService)
    }
  }

  /** To be called when everything that was taken is in force. */
  settle(domain = this.#facts.domain): void {
    const states = this.#states()
    const complete = decisive.every((kind) => states.get(kind) === 'synced')
    const namespaces = new Set(this.#namespaces)
    const unknownServices = new Set(this.#refused.values())
    const facts = { domain, namespaces, complete, unknownServices }
    const isSame = isSameFacts(facts, this.#facts)
    if (isSame && !this.#hasMoved) return
    this.#hasMoved = false
    if (!isSame) this.#facts = facts
    for (const onChange of this.#followers) onChange()
  }

  #setLocality(node: string, locality: string | undefined): void {
    if (this.#localities.get(node) === locality) return
    this.#hasMoved = true
    if (locality === undefined) this.#localities.delete(node)
    else this.#localities.set(node, locality)
  }
}

/** Of a Namespace's key. */
function namespaceOf(key: string): string | undefined {
  const start = 'Namespace /'
  return key.startsWith(start) ? key.slice(start.length) : undefined
}
