import type { Finding } from '../documents/finding.ts'
import { Report } from '../documents/report.ts'
import type { MeshObject } from './mesh-object.ts'

/** The objects of one place, such as a file, in its order. Immutable: other objects make another array. */
export interface ObjectGroup {
  readonly name: string
  readonly objects: readonly MeshObject[]
}

/** What must be taken out, and then put in, to have the objects of the next moment. */
export interface ObjectChange {
  readonly gone: readonly MeshObject[]
  /** In the order of groups. */
  readonly come: readonly MeshObject[]
}

interface Placed {
  readonly rank: number
  readonly objects: readonly MeshObject[]
}

interface Claim {
  readonly object: MeshObject
  /** Name of the group that it stands in. */
  readonly group: string
}

/**
 * The objects in force. They are told apart by kind, namespace and name; of several alike the first counts.
 *
 * An update costs one step for each group, and more only for groups that changed.
 */
export class UniqueObjects {
  #groups: ReadonlyMap<string, Placed> = new Map()
  /** By key; the first is in force. */
  readonly #claims = new Map<string, readonly Claim[]>()
  /** By key, where there is more than one claim. */
  readonly #findings = new Map<string, readonly Finding[]>()
  #inForce: readonly MeshObject[] | undefined
  #allFindings: readonly Finding[] | undefined

  /** In the order of groups; the same array as long as nothing changed. */
  objects(): readonly MeshObject[] {
    this.#inForce ??= [...this.#groups.values()].flatMap(({ objects }) =>
      objects.filter((object) => this.#held(keyOf(object)) === object),
    )
    return this.#inForce
  }

  /** The same array as long as nothing changed. */
  findings(): readonly Finding[] {
    this.#allFindings ??= [...this.#findings.values()].flat()
    return this.#allFindings
  }

  /** Takes all groups that there are now, in the order in which their objects count. */
  update(groups: readonly ObjectGroup[]): ObjectChange {
    const before = this.#groups
    this.#groups = new Map(groups.map(({ name, objects }, rank) => [name, { rank, objects }]))
    const touched = new Map<string, MeshObject | undefined>()
    const touch = (key: string) => {
      if (!touched.has(key)) touched.set(key, this.#held(key))
    }
    for (const [group, { objects }] of before) {
      for (const object of without(objects, this.#groups.get(group)?.objects)) {
        const key = keyOf(object)
        touch(key)
        const claims = this.#claims.get(key) ?? []
        this.#set(
          key,
          claims.filter((claim) => claim.object !== object),
        )
      }
    }
    for (const [group, { objects }] of this.#groups) {
      for (const object of without(objects, before.get(group)?.objects)) {
        const key = keyOf(object)
        touch(key)
        this.#set(key, [...(this.#claims.get(key) ?? []), { object, group }])
      }
    }
    if (!isSameOrder(before, this.#groups)) {
      this.#inForce = undefined
      for (const key of this.#findings.keys()) touch(key)
    }
    for (const key of touched.keys()) this.#settle(key)
    return this.#changeOf(touched)
  }

  #held(key: string): MeshObject | undefined {
    return this.#claims.get(key)?.[0]?.object
  }

  #set(key: string, claims: readonly Claim[]): void {
    if (claims.length > 0) this.#claims.set(key, claims)
    else this.#claims.delete(key)
  }

  /** Puts claims in order. */
  #settle(key: string): void {
    const claims = this.#claims.get(key) ?? []
    if (this.#findings.delete(key) || claims.length > 1) this.#allFindings = undefined
    if (claims.length < 2) return
    const ordered = [...claims].sort((a, b) => this.#compare(a, b))
    this.#claims.set(key, ordered)
    this.#findings.set(key, duplicateFindings(ordered.map(({ object }) => object)))
  }

  #compare(a: Claim, b: Claim): number {
    const [one, other] = [this.#groups.get(a.group), this.#groups.get(b.group)]
    if (!one || !other || one === other) {
      return (one?.objects.indexOf(a.object) ?? 0) - (other?.objects.indexOf(b.object) ?? 0)
    }
    return one.rank - other.rank
  }

  #changeOf(touched: ReadonlyMap<string, MeshObject | undefined>): ObjectChange {
    const gone: MeshObject[] = []
    const come: MeshObject[] = []
    for (const [key, before] of touched) {
      const after = this.#held(key)
      if (before === after) continue
      if (before) gone.push(before)
      if (after) come.push(after)
    }
    if (gone.length + come.length > 0) this.#inForce = undefined
    return { gone, come }
  }
}

function keyOf({ kind, meta }: MeshObject): string {
  return `${kind} ${meta.namespace}/${meta.name}`
}

function without(
  objects: readonly MeshObject[],
  others: readonly MeshObject[] | undefined,
): readonly MeshObject[] {
  if (objects === others) return []
  if (!others) return objects
  const known = new Set(others)
  return objects.filter((object) => !known.has(object))
}

/** Whether groups that stayed follow one another as before. */
function isSameOrder(
  before: ReadonlyMap<string, Placed>,
  after: ReadonlyMap<string, Placed>,
): boolean {
  let last = -1
  for (const name of after.keys()) {
    const rank = before.get(name)?.rank
    if (rank === undefined) continue
    if (rank < last) return false
    last = rank
  }
  return true
}

function duplicateFindings([first, ...others]: readonly MeshObject[]): readonly Finding[] {
  return others.flatMap((object) => {
    const { file = '', line = 0 } = first?.meta.origin ?? {}
    const report = new Report(object.meta.document, object.meta.origin)
    report.warning({
      code: 'DUPLICATE_OBJECT',
      path: ['metadata', 'name'],
      message: `${keyOf(object)} already stands in ${file}:${line}; this one is ignored`,
      hint: 'Give it a name or namespace of its own, or remove one of them.',
    })
    return report.findings
  })
}
