import { hash } from 'node:crypto'
import { EgressFilter } from './egress-filter.ts'
import type { Sidecar } from './sidecar.ts'
import { type Exported, isVisible } from './visibility.ts'

/** What one workload may see of the mesh. Those with the same key see the same. */
export interface ViewScope {
  readonly key: string
  /** Whether it sees all that is exported to everybody. */
  readonly seesExported?: true
  sees(service: Exported): boolean
}

/** The facts about a workload that decide what it sees. */
export interface ScopedWorkload {
  readonly namespace: string
  readonly labels: ReadonlyMap<string, string>
}

/** What a workload sees, when it is asked for once; `Scopes` is for many workloads. */
export function scopeOf(
  workload: ScopedWorkload,
  sidecars: readonly Sidecar[],
  rootNamespace: string,
): ViewScope {
  return new Scopes(sidecars, rootNamespace).scopeOf(workload)
}

/** What workloads see by `exportTo` and the Sidecar of each (Istio: sidecar scope). */
export class Scopes {
  /** By namespace; those with a selector first, then the oldest. */
  readonly #sidecars: ReadonlyMap<string, readonly Sidecar[]>
  readonly #rootNamespace: string
  /** By namespace of the workload; then by its Sidecar, `undefined` where there is none. */
  readonly #scopes = new Map<string, Map<Sidecar | undefined, ViewScope>>()

  constructor(sidecars: readonly Sidecar[], rootNamespace: string) {
    this.#sidecars = Map.groupBy([...sidecars].sort(comparePrecedence), (one) => one.namespace)
    this.#rootNamespace = rootNamespace
  }

  /** The same object for workloads of one namespace with the same Sidecar. */
  scopeOf(workload: ScopedWorkload): ViewScope {
    const { namespace } = workload
    const sidecar = this.#sidecarOf(workload)
    const known = this.#scopes.get(namespace) ?? new Map<Sidecar | undefined, ViewScope>()
    this.#scopes.set(namespace, known)
    const scope = known.get(sidecar) ?? createScope(namespace, sidecar)
    known.set(sidecar, scope)
    return scope
  }

  /** The first of its namespace that selects it; else the root namespace's, which selects nobody. */
  #sidecarOf({ namespace, labels }: ScopedWorkload): Sidecar | undefined {
    const own = this.#sidecars.get(namespace)?.find(({ selector = [] }) => {
      return [...selector].every(([key, value]) => labels.get(key) === value)
    })
    const root = this.#sidecars.get(this.#rootNamespace)
    return own ?? root?.find(({ selector }) => selector === undefined)
  }
}

function createScope(namespace: string, sidecar: Sidecar | undefined): ViewScope {
  const filter = new EgressFilter(sidecar?.egress ?? [], namespace)
  if (filter.passesAll) {
    const sees = (service: Exported) => isVisible(service, namespace)
    return { key: namespace, seesExported: true, sees }
  }
  const key = `${namespace} ${hash('sha256', JSON.stringify(filter.entries), 'base64url')}`
  const sees = (service: Exported) => filter.passes(service) && isVisible(service, namespace)
  return { key, sees }
}

function comparePrecedence(a: Sidecar, b: Sidecar): number {
  const unselective = ({ selector }: Sidecar) => (selector === undefined ? 1 : 0)
  return (
    unselective(a) - unselective(b) ||
    a.createdAt - b.createdAt ||
    (a.name < b.name ? -1 : a.name > b.name ? 1 : 0)
  )
}
