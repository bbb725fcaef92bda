import { asMap, isPlainMap, type PlainMap } from '../../documents/plain-map.ts'
import type { Labels, MeshObject } from '../../translate/mesh-object.ts'
import type { ObjectChange } from '../../translate/unique-objects.ts'

interface CountedSelector {
  readonly labels: Labels
  /** How many objects have it; never 0. */
  count: number
}

/** The Pods among which something finds its endpoints by labels. */
export class NeededPods {
  /** By namespace, and by what the selector says. */
  readonly #selectors = new Map<string, Map<string, CountedSelector>>()

  /** Whether any of the namespace are needed. */
  has(namespace: string): boolean {
    return this.#selectors.has(namespace)
  }

  /** Of which some are needed. */
  namespaces(): ReadonlySet<string> {
    return new Set(this.#selectors.keys())
  }

  /** Whether a Pod is needed, as it came off the wire. */
  selects({ metadata }: PlainMap): boolean {
    if (!isPlainMap(metadata)) return false
    const { namespace, labels } = metadata
    const own = asMap(labels)
    for (const selector of this.#selectors.get(String(namespace))?.values() ?? []) {
      if (hasAll(own, selector.labels)) return true
    }
    return false
  }

  /** The namespaces of which others are needed than before. */
  update({ gone, come }: ObjectChange): ReadonlySet<string> {
    const before = new Map<string, ReadonlySet<string>>()
    const count = (object: MeshObject, more: number) => {
      const labels = selectorOf(object)
      if (!labels) return
      const { namespace } = object.meta
      const known = this.#selectors.get(namespace)
      if (!before.has(namespace)) before.set(namespace, new Set(known?.keys()))
      this.#count(namespace, labels, more)
    }
    for (const object of gone) count(object, -1)
    for (const object of come) count(object, 1)
    const isOther = (namespace: string, selectors: ReadonlySet<string>) => {
      const now = new Set(this.#selectors.get(namespace)?.keys())
      return now.symmetricDifference(selectors).size > 0
    }
    return new Set([...before].filter(([name, was]) => isOther(name, was)).map(([name]) => name))
  }

  #count(namespace: string, labels: Labels, more: number): void {
    const selectors = this.#selectors.get(namespace) ?? new Map<string, CountedSelector>()
    const text = JSON.stringify([...labels].sort(([a], [b]) => (a < b ? -1 : 1)))
    const selector = selectors.get(text) ?? { labels, count: 0 }
    selector.count += more
    if (selector.count > 0) selectors.set(text, selector)
    else selectors.delete(text)
    if (selectors.size > 0) this.#selectors.set(namespace, selectors)
    else this.#selectors.delete(namespace)
  }
}

/** Services have EndpointSlices, also those that select WorkloadEntries besides. */
function selectorOf(object: MeshObject): Labels | undefined {
  return object.kind === 'ServiceEntry' ? object.selector : undefined
}

function hasAll(own: PlainMap, labels: Labels): boolean {
  for (const [key, value] of labels) {
    if (!Object.hasOwn(own, key) || own[key] !== value) return false
  }
  return true
}
