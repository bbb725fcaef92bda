import type { EndpointSlice } from '../mesh-object.ts'

type ByPod = Map<string, Set<EndpointSlice>>

/**
 * Which EndpointSlices name a pod.
 *
 * Known of namespaces only of which pods are held: of a large cluster they mostly are not, and its pods are many.
 */
export class SlicesByPod {
  readonly #namespaces = new Map<string, { pods: number; readonly slices: ByPod }>()

  /** A pod is held from now on; `slices` are all that there are, for the first one of a namespace. */
  addPod(namespace: string, slices: Iterable<readonly EndpointSlice[]>): void {
    const known = this.#namespaces.get(namespace)
    if (known) {
      known.pods += 1
      return
    }
    this.#namespaces.set(namespace, { pods: 1, slices: new Map() })
    for (const list of slices) for (const slice of list) this.add(slice)
  }

  deletePod(namespace: string): void {
    const known = this.#namespaces.get(namespace)
    if (!known) return
    known.pods -= 1
    if (known.pods === 0) this.#namespaces.delete(namespace)
  }

  add(slice: EndpointSlice): void {
    const byPod = this.#namespaces.get(slice.meta.namespace)?.slices
    if (!byPod) return
    for (const pod of podsOf(slice)) byPod.set(pod, (byPod.get(pod) ?? new Set()).add(slice))
  }

  delete(slice: EndpointSlice): void {
    const byPod = this.#namespaces.get(slice.meta.namespace)?.slices
    if (!byPod) return
    for (const pod of podsOf(slice)) {
      const naming = byPod.get(pod)
      if (naming?.delete(slice) && naming.size === 0) byPod.delete(pod)
    }
  }

  get(namespace: string, pod: string): Iterable<EndpointSlice> {
    return this.#namespaces.get(namespace)?.slices.get(pod) ?? []
  }
}

function podsOf({ endpoints }: EndpointSlice): ReadonlySet<string> {
  return new Set(endpoints.map(({ pod }) => pod).filter((pod) => pod !== undefined))
}
