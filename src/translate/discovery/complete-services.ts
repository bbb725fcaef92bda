import type { Endpoint, Service } from '../../registry/service.ts'
import { declarationKeys } from './endpoint-slots.ts'
import type { ReadService } from './read-service.ts'
import type { WorkloadRole } from './read-workload.ts'

/**
 * The declarations of a service with the endpoints that its workloads are.
 *
 * Those of `known` that are the same stay the same objects, and `known` itself when all are.
 */
export function completeServices(
  read: ReadService,
  roles: readonly WorkloadRole[],
  known: readonly Service[],
): readonly Service[] {
  const keys = declarationKeys(read.declarations)
  const byDeclaration = Map.groupBy(roles, ({ declaredBy }) => declaredBy)
  const services = read.declarations.map((declaration, index) => {
    const named = byDeclaration.get(keys[index] ?? '') ?? []
    // Until a second declaration is known to the workloads, they are of the first.
    const unnamed = index === 0 ? (byDeclaration.get('') ?? []) : []
    const endpoints = [...unnamed, ...named].map(({ endpoint }) => endpoint)
    const before = known[index]
    if (before && isSameList(before.endpoints, endpoints)) return before
    return read.isPlain ? inferred(declaration, { endpoints, read }) : { ...declaration, endpoints }
  })
  const isSame = services.every((service, index) => service === known[index])
  return isSame && services.length === known.length ? known : services
}

/** What Istio's messages do not say, as far as the workloads show it. */
function inferred(
  declaration: Service,
  { endpoints, read }: { readonly endpoints: readonly Endpoint[]; readonly read: ReadService },
): Service {
  const hasAddress =
    declaration.addresses.length > 0 ||
    read.virtual.v4 !== undefined ||
    read.virtual.v6 !== undefined
  const kinds = new Set(endpoints.map(({ target }) => target.kind))
  const isNamed = declaration.resolution === 'STATIC' && kinds.has('name')
  return {
    ...declaration,
    endpoints,
    headless: !hasAddress && kinds.has('ip'),
    resolution: isNamed ? 'DNS' : declaration.resolution,
  }
}

function isSameList(a: readonly Endpoint[], b: readonly Endpoint[]): boolean {
  return a.length === b.length && a.every((one, index) => one === b[index])
}
