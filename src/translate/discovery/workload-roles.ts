import { compareText } from '../services/compare-text.ts'
import type { WorkloadRole } from './read-workload.ts'
import { hasSamePorts, isSameWorkload } from './same-contribution.ts'

/** What all workloads are to their services, whichever of the two came first. */
export class WorkloadRoles {
  readonly #byUid = new Map<string, readonly WorkloadRole[]>()
  /** By service, then by uid. */
  readonly #byService = new Map<string, Map<string, readonly WorkloadRole[]>>()

  /** Replaces the roles of a workload; the services to which it is something else than before. */
  put(uid: string, roles: readonly WorkloadRole[]): ReadonlySet<string> {
    const before = this.#byUid.get(uid) ?? []
    const changed = new Set<string>()
    const held = Map.groupBy(before, ({ service }) => service)
    const given = Map.groupBy(roles, ({ service }) => service)
    for (const service of new Set([...held.keys(), ...given.keys()])) {
      if (isSameRoles(held.get(service), given.get(service))) continue
      changed.add(service)
      this.#set(service, uid, given.get(service))
    }
    if (roles.length === 0) this.#byUid.delete(uid)
    else this.#byUid.set(uid, roles)
    return changed
  }

  drop(uid: string): ReadonlySet<string> {
    return this.put(uid, [])
  }

  /** In the order of uids. */
  of(service: string): readonly WorkloadRole[] {
    const byUid = [...(this.#byService.get(service) ?? [])]
    return byUid.sort(([a], [b]) => compareText(a, b)).flatMap(([, roles]) => roles)
  }

  #set(service: string, uid: string, roles: readonly WorkloadRole[] | undefined): void {
    const byUid = this.#byService.get(service) ?? new Map<string, readonly WorkloadRole[]>()
    if (roles) byUid.set(uid, roles)
    else byUid.delete(uid)
    if (byUid.size === 0) this.#byService.delete(service)
    else this.#byService.set(service, byUid)
  }
}

function isSameRoles(
  some: readonly WorkloadRole[] | undefined,
  others: readonly WorkloadRole[] | undefined,
): boolean {
  return some?.length === others?.length && isEvery(some, others)
}

function isEvery(
  some: readonly WorkloadRole[] = [],
  others: readonly WorkloadRole[] = [],
): boolean {
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
