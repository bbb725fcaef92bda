import type { KubernetesService, Labels, ServiceEntry } from '../mesh-object.ts'
import { LabelBuckets } from './label-buckets.ts'
import { isSelected, labelsOf, type Workload } from './workload-index.ts'

/** An object that may find its endpoints by labels. */
export type Selecting = ServiceEntry | KubernetesService

/** Finds the objects that select a workload: the reverse of `WorkloadIndex`. */
export class SelectorIndex {
  /** Under the namespace alone stand those that select all of it. */
  readonly #buckets = new LabelBuckets<Selecting>()
  /** Which label of its selector an object stands under. */
  readonly #labels = new Map<Selecting, readonly [string, string] | undefined>()

  add(object: Selecting): void {
    if (!object.selector) return
    const { namespace } = object.meta
    const label = this.#buckets.rarest(namespace, object.selector)
    this.#labels.set(object, label)
    this.#buckets.add(namespace, label, object)
  }

  delete(object: Selecting): void {
    this.#buckets.delete(object.meta.namespace, this.#labels.get(object), object)
    this.#labels.delete(object)
  }

  *selecting(workload: Workload): Generator<Selecting> {
    const { namespace } = workload.meta
    for (const label of [undefined, ...labelsOf(workload)]) {
      for (const object of this.#buckets.get(namespace, label)) {
        if (isSelected(workload, selectorOf(object))) yield object
      }
    }
  }
}

function selectorOf({ selector }: Selecting): Labels {
  return selector ?? new Map<string, string>()
}
