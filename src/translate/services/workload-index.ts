import type { Labels, Pod, WorkloadEntry } from '../mesh-object.ts'
import { compareText } from './compare-text.ts'

export type Workload = WorkloadEntry | Pod

/** Finds the workloads of a namespace by their labels, without walking through all of them. */
export class WorkloadIndex {
  /** By namespace, and by namespace, label key and value; ordered by kind and name. */
  readonly #buckets = new Map<string, Workload[]>()

  constructor(workloads: readonly Workload[]) {
    for (const workload of [...workloads].sort(compareWorkloads)) {
      const { namespace } = workload.meta
      this.#add(bucketOf(namespace), workload)
      for (const [key, value] of labelsOf(workload)) {
        this.#add(bucketOf(namespace, key, value), workload)
      }
    }
  }

  /** Those with all labels of the selector; every one of the namespace when it has none. */
  select(namespace: string, selector: Labels): readonly Workload[] {
    const wanted = [...selector]
    const [first] = wanted
    const bucket = this.#buckets.get(bucketOf(namespace, ...(first ?? [])))
    return (bucket ?? []).filter((workload) => {
      const labels = labelsOf(workload)
      return wanted.every(([key, value]) => labels.get(key) === value)
    })
  }

  #add(key: string, workload: Workload): void {
    const bucket = this.#buckets.get(key)
    if (bucket) bucket.push(workload)
    else this.#buckets.set(key, [workload])
  }
}

function bucketOf(...parts: readonly string[]): string {
  return parts.join('\n')
}

function labelsOf(workload: Workload): Labels {
  return workload.kind === 'WorkloadEntry' ? workload.labels : workload.meta.labels
}

/** Istio's order of selected workloads: kind, namespace, name. */
function compareWorkloads(a: Workload, b: Workload): number {
  return compareText(a.kind, b.kind) || compareText(a.meta.name, b.meta.name)
}
