import type { WorkloadRole } from './read-workload.ts'
import { hasSamePorts, isSameWorkload } from './same-contribution.ts'

/** What all workloads are to their services, whichever of the two came first. */
export class WorkloadRoles {
  readonly #byUid = new Map<string, readonly WorkloadRole[]>()
  /** By service; in the order of uids. */
  readonly #byService = new Map<string, WorkloadRole[]>()

  /** Replaces the roles of a workload; adds the services to which it is something else than before. */
  put(uid: string, roles: readonly WorkloadRole[], changed: Set<string>): void {
    const before = this.#byUid.get(uid) ?? []
    const [first] = roles
    if (first && before.length === 0 && roles.length === 1) {
      changed.add(first.service)
      this.#replace(first.service, uid, roles)
      this.#byUid.set(uid, roles)
      return
    }
    const [beforeOf, rolesOf] = [byService(before), byService(roles)]
    for (const service of new Set([...beforeOf.keys(), ...rolesOf.keys()])) {
      const held = beforeOf.get(service) ?? []
      const given = rolesOf.get(service) ?? []
      if (isSameRoles(held, given)) continue
      changed.add(service)
      this.#replace(service, uid, given)
    }
    if (roles.length === 0) this.#byUid.delete(uid)
    else this.#byUid.set(uid, roles)
  }

  drop(uid: string, changed: Set<string>): void {
    this.put(uid, [], changed)
  }

  /** In the order of uids; live. */
  of(service: string): readonly WorkloadRole[] {
    return this.#byService.get(service) ?? []
  }

  #replace(service: string, uid: string, roles: readonly WorkloadRole[]): void {
    const all = this.#byService.get(service)
    if (!all) {
      // Of its own size: most services have few workloads, and there are many.
      if (roles.length > 0) this.#byService.set(service, roles.slice())
      return
    }
    const start = placeOf(all, uid)
    let end = start
    while (all[end]?.uid === uid) end += 1
    all.splice(start, end - start, ...roles)
    if (all.length === 0) this.#byService.delete(service)
    else this.#byService.set(service, all)
  }
}

function byService(roles: readonly WorkloadRole[]): ReadonlyMap<string, readonly WorkloadRole[]> {
  return Map.groupBy(roles, ({ service }) => service)
}

/** Where the first role of the uid is, or would be. */
function placeOf(roles: readonly WorkloadRole[], uid: string): number {
  let low = 0
  let high = roles.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((roles[middle]?.uid ?? '') < uid) low = middle + 1
    else high = middle
  }
  return low
}

function isSameRoles(some: readonly WorkloadRole[], others: readonly WorkloadRole[]): boolean {
  if (some.length !== others.length) return false
  return some.every(({ declaredBy, endpoint }, index) => {
    const other = others[index]
    return (
      other !== undefined &&
      declaredBy === other.declaredBy &&
      endpoint.hostname === other.endpoint.hostname &&
      isSameWorkload(endpoint, other.endpoint) &&
      hasSamePorts(endpoint.ports, other.endpoint.ports)
    )
  })
}
