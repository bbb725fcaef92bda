import type { Labels } from '../mesh-object.ts'

type Label = readonly [key: string, value: string]

/** Things under a namespace and a label of theirs, or under the namespace alone. */
export class LabelBuckets<Value> {
  readonly #buckets = new Map<string, Set<Value>>()

  add(namespace: string, label: Label | undefined, value: Value): void {
    const key = bucketOf(namespace, label)
    const bucket = this.#buckets.get(key)
    if (bucket) bucket.add(value)
    else this.#buckets.set(key, new Set([value]))
  }

  delete(namespace: string, label: Label | undefined, value: Value): void {
    const key = bucketOf(namespace, label)
    const bucket = this.#buckets.get(key)
    if (bucket?.delete(value) && bucket.size === 0) this.#buckets.delete(key)
  }

  get(namespace: string, label: Label | undefined): ReadonlySet<Value> {
    return this.#buckets.get(bucketOf(namespace, label)) ?? empty
  }

  /** The one of these labels that the fewest things are under; `undefined` when there are no labels. */
  rarest(namespace: string, labels: Labels): Label | undefined {
    let rarest: Label | undefined
    let least = Infinity
    for (const label of labels) {
      const { size } = this.get(namespace, label)
      if (size >= least) continue
      least = size
      rarest = label
    }
    return rarest
  }
}

const empty: ReadonlySet<never> = new Set<never>()

function bucketOf(namespace: string, label: Label | undefined): string {
  return label === undefined ? namespace : `${namespace}\n${label[0]}\n${label[1]}`
}
