import type { MeshObject, WorkloadGroup } from '../translate/mesh-object.ts'
import { type EntryReference, entryKey } from '../translate/registration/workload-entry-store.ts'

/** The WorkloadGroups among all objects, by name; looked through again only when the objects are others. */
export class WorkloadGroups {
  readonly #objects: () => readonly MeshObject[]
  #known: readonly MeshObject[] = []
  #groups: ReadonlyMap<string, WorkloadGroup> = new Map()

  /** `objects` gives the same array as long as nothing changed. */
  constructor(objects: () => readonly MeshObject[]) {
    this.#objects = objects
  }

  get(reference: EntryReference): WorkloadGroup | undefined {
    const objects = this.#objects()
    if (objects !== this.#known) {
      this.#known = objects
      const groups = objects.filter((object) => object.kind === 'WorkloadGroup')
      this.#groups = new Map(groups.map((group) => [entryKey(group.meta), group]))
    }
    return this.#groups.get(entryKey(reference))
  }
}
