import { isDeepStrictEqual } from 'node:util'
import type { Finding } from '../../documents/finding.ts'
import type { MeshObject } from '../../translate/mesh-object.ts'
import type { ObjectChange } from '../../translate/unique-objects.ts'
import type { ClusterObject } from './project-object.ts'

/** The objects of a cluster in their newest good version. */
export class ObjectsInForce {
  readonly #objects = new Map<string, MeshObject>()
  readonly #findings = new Map<string, readonly Finding[]>()
  /** What came since the last `take`; `undefined` for what is gone. */
  readonly #pending = new Map<string, ClusterObject | undefined>()
  #all: readonly MeshObject[] | undefined
  #allFindings: readonly (readonly Finding[])[] | undefined

  /** The same array as long as nothing changed. */
  objects(): readonly MeshObject[] {
    this.#all ??= [...this.#objects.values()]
    return this.#all
  }

  /** A list for each object about which there is something to say; the same array as long as nothing changed. */
  findings(): readonly (readonly Finding[])[] {
    this.#allFindings ??= [...this.#findings.values()]
    return this.#allFindings
  }

  put(object: ClusterObject): void {
    this.#pending.set(object.key, object)
  }

  remove({ key }: Pick<ClusterObject, 'key'>): void {
    this.#pending.set(key, undefined)
  }

  /** Puts in force what came; what is the same as before, as far as we read it, is no change. */
  take(): ObjectChange {
    const gone: MeshObject[] = []
    const come: MeshObject[] = []
    for (const [key, now] of this.#pending) {
      this.#setFindings(key, now?.findings ?? [])
      const before = this.#objects.get(key)
      const object = now && (now.object ?? before)
      if (object === before) continue
      if (now && before && isDeepStrictEqual(object, before)) {
        now.object = before
        continue
      }
      if (before) gone.push(before)
      if (object) come.push(object)
      if (object) this.#objects.set(key, object)
      else this.#objects.delete(key)
    }
    this.#pending.clear()
    if (gone.length + come.length > 0) this.#all = undefined
    return { gone, come }
  }

  #setFindings(key: string, findings: readonly Finding[]): void {
    const before = this.#findings.get(key)
    if (findings.length === 0 && !before) return
    if (before && isDeepStrictEqual(before, findings)) return
    this.#allFindings = undefined
    if (findings.length > 0) this.#findings.set(key, findings)
    else this.#findings.delete(key)
  }
}
