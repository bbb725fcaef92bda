import type { Labels, Pod, WorkloadEntry } from '../mesh-object.ts'
import { compareText } from './compare-text.ts'
import { LabelBuckets } from './label-buckets.ts'

export type Workload = WorkloadEntry | Pod

/** Finds the workloads of a namespace by their labels, without walking through all of them. */
export class WorkloadIndex {
  readonly #buckets = new LabelBuckets<Workload>()

  constructor(workloads: Iterable<Workload> = []) {
    for (const workload of workloads) this.add(workload)
  }

  add(workload: Workload): void {
    const { namespace } = workload.meta
    this.#buckets.add(namespace, undefined, workload)
    for (const label of labelsOf(workload)) this.#buckets.add(namespace, label, workload)
  }

  delete(workload: Workload): void {
    const { namespace } = workload.meta
    this.#buckets.delete(namespace, undefined, workload)
    for (const label of labelsOf(workload)) this.#buckets.delete(namespace, label, workload)
  }

  /** Those with all labels of the selector; every one of the namespace when it has none. */
  select(namespace: string, selector: Labels): readonly Workload[] {
    const label = this.#buckets.rarest(namespace, selector)
    const candidates = [...this.#buckets.get(namespace, label)]
    return candidates.filter((one) => isSelected(one, selector)).sort(compareWorkloads)
  }
}

/** Whether it has all labels of the selector. */
export function isSelected(workload: Workload, selector: Labels): boolean {
  const labels = labelsOf(workload)
  for (const [key, value] of selector) if (labels.get(key) !== value) return false
  return true
}

export function labelsOf(workload: Workload): Labels {
  return workload.kind === 'WorkloadEntry' ? workload.labels : workload.meta.labels
}

/** Istio's order of selected workloads: kind, namespace, name. */
function compareWorkloads(a: Workload, b: Workload): number {
  return compareText(a.kind, b.kind) || compareText(a.meta.name, b.meta.name)
}
