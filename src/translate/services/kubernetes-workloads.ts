import type { EndpointSlice, Pod } from '../mesh-object.ts'
import type { WorkloadIndex } from './workload-index.ts'

/** Where a Kubernetes Service may find its endpoints. */
export interface KubernetesWorkloads {
  /** By `namespacedName` of their Service. */
  readonly slices: ReadonlyMap<string, readonly EndpointSlice[]>
  /** By `namespacedName`. */
  readonly pods: ReadonlyMap<string, Pod>
  readonly selectable: WorkloadIndex
}

/** What tells objects of one kind apart. */
export function namespacedName(namespace: string, name: string): string {
  return `${namespace}/${name}`
}
