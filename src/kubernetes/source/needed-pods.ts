import type { MeshObject } from '../../translate/mesh-object.ts'
import type { ObjectChange } from '../../translate/unique-objects.ts'

/** In which namespaces something finds its endpoints among Pods by labels. */
export class NeededPods {
  /** How many objects select, by namespace. */
  readonly #selecting = new Map<string, number>()

  has(namespace: string): boolean {
    return this.#selecting.has(namespace)
  }

  /** The namespaces where that became different. */
  update({ gone, come }: ObjectChange): ReadonlySet<string> {
    const before = new Map<string, boolean>()
    const count = (object: MeshObject, more: number) => {
      if (!selectsPods(object)) return
      const { namespace } = object.meta
      if (!before.has(namespace)) before.set(namespace, this.has(namespace))
      const count = (this.#selecting.get(namespace) ?? 0) + more
      if (count > 0) this.#selecting.set(namespace, count)
      else this.#selecting.delete(namespace)
    }
    for (const object of gone) count(object, -1)
    for (const object of come) count(object, 1)
    return new Set(
      [...before].filter(([name, was]) => was !== this.has(name)).map(([name]) => name),
    )
  }
}

/** Services have EndpointSlices, also those that select WorkloadEntries besides. */
function selectsPods(object: MeshObject): boolean {
  return object.kind === 'ServiceEntry' && object.selector !== undefined
}
