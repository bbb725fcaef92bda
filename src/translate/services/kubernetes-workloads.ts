import type { EndpointSlice, MeshObject, NamespaceObject, NodeObject, Pod } from '../mesh-object.ts'
import type { TrafficDistribution } from '../traffic-distribution.ts'
import { compareText } from './compare-text.ts'
import { SlicesByPod } from './slices-by-pod.ts'
import { WorkloadIndex } from './workload-index.ts'

/** Where services may find their endpoints; kept up to date object by object. */
export class KubernetesWorkloads {
  readonly #slices = new Map<string, readonly EndpointSlice[]>()
  readonly #pods = new Map<string, Pod>()
  readonly #nodes = new Map<string, NodeObject>()
  readonly #namespaces = new Map<string, NamespaceObject>()
  readonly #slicesByPod = new SlicesByPod()
  readonly selectable = new WorkloadIndex()

  /** By `objectKey` of the Service or ServiceImport that they belong to. */
  get slices(): ReadonlyMap<string, readonly EndpointSlice[]> {
    return this.#slices
  }

  /** By `namespacedName`. */
  get pods(): ReadonlyMap<string, Pod> {
    return this.#pods
  }

  /** Where a node is, as `REGION/ZONE/SUBZONE`. */
  localityOf(node: string | undefined): string | undefined {
    return node === undefined ? undefined : this.#nodes.get(node)?.locality
  }

  /** What a namespace wants for its services. */
  trafficOf(namespace: string): TrafficDistribution | undefined {
    return this.#namespaces.get(namespace)?.traffic
  }

  add(object: MeshObject): void {
    const { namespace, name } = object.meta
    if (object.kind === 'EndpointSlice') {
      for (const key of ownersOfSlice(object)) {
        const slices = [...(this.#slices.get(key) ?? []), object]
        this.#slices.set(key, slices.sort(compareSlices))
      }
      this.#slicesByPod.add(object)
    } else if (object.kind === 'Pod') {
      this.#pods.set(namespacedName(namespace, name), object)
      this.#slicesByPod.addPod(namespace, this.#slices.values())
    } else if (object.kind === 'Node') this.#nodes.set(name, object)
    else if (object.kind === 'Namespace') this.#namespaces.set(name, object)
    if (object.kind === 'Pod' || object.kind === 'WorkloadEntry') this.selectable.add(object)
  }

  delete(object: MeshObject): void {
    const { namespace, name } = object.meta
    if (object.kind === 'EndpointSlice') {
      for (const key of ownersOfSlice(object)) {
        const left = this.#slices.get(key)?.filter((one) => one !== object) ?? []
        if (left.length > 0) this.#slices.set(key, left)
        else this.#slices.delete(key)
      }
      this.#slicesByPod.delete(object)
    } else if (object.kind === 'Pod') {
      this.#pods.delete(namespacedName(namespace, name))
      this.#slicesByPod.deletePod(namespace)
    } else if (object.kind === 'Node') this.#nodes.delete(name)
    else if (object.kind === 'Namespace') this.#namespaces.delete(name)
    if (object.kind === 'Pod' || object.kind === 'WorkloadEntry') this.selectable.delete(object)
  }

  /** What runs on one of these nodes, and the slices that say so. Walks through all of them. */
  *onNodes(nodes: ReadonlySet<string>): Generator<EndpointSlice | Pod> {
    const isThere = (node: string | undefined) => node !== undefined && nodes.has(node)
    for (const slices of this.#slices.values()) {
      for (const slice of slices) if (slice.endpoints.some(({ node }) => isThere(node))) yield slice
    }
    for (const pod of this.#pods.values()) if (isThere(pod.node)) yield pod
  }

  /** `objectKey` of what a pod or slice belongs to by slices. */
  *ownersBySlice(object: EndpointSlice | Pod): Generator<string> {
    if (object.kind === 'EndpointSlice') {
      yield* ownersOfSlice(object)
      return
    }
    const { namespace, name } = object.meta
    for (const slice of this.#slicesByPod.get(namespace, name)) yield* ownersOfSlice(slice)
  }
}

/** What tells objects of one kind apart. */
export function namespacedName(namespace: string, name: string): string {
  return `${namespace}/${name}`
}

/** The same with the kind, for what declares hosts. */
export function objectKey(kind: string, namespace: string, name: string): string {
  return `${kind} ${namespacedName(namespace, name)}`
}

function ownersOfSlice({
  meta: { namespace },
  service,
  imported,
}: EndpointSlice): readonly string[] {
  return [
    ...(service === '' ? [] : [objectKey('Service', namespace, service)]),
    ...(imported ? [objectKey('ServiceImport', namespace, imported.service)] : []),
  ]
}

/** As they stand in files, so that order never depends on arrival. */
function compareSlices(
  { meta: { origin: a } }: EndpointSlice,
  { meta: { origin: b } }: EndpointSlice,
) {
  return compareText(a.file, b.file) || a.line - b.line || compareText(a.name, b.name)
}
