import type { Endpoint, Service } from '../../registry/service.ts'
import { declarationKeys } from './endpoint-slots.ts'
import type { ReadService } from './read-service.ts'
import type { WorkloadRole } from './read-workload.ts'

/**
 * The declarations of a service with the endpoints that its workloads are.
 *
 * Those that are the same stay the same objects, and the whole list when all are.
 */
export function completeServices(
  read: ReadService,
  roles: readonly WorkloadRole[],
): readonly Service[] {
  const { declarations } = read
  const keys = declarationKeys(declarations)
  const services = declarations.map((declaration, index) => {
    // Until a second declaration is known to the workloads, they are of the first.
    const isOurs = ({ declaredBy }: WorkloadRole) =>
      declaredBy === keys[index] || (index === 0 && declaredBy === '')
    const endpoints = roles.filter(isOurs).map(({ endpoint }) => endpoint)
    if (isSameList(declaration.endpoints, endpoints)) return declaration
    return read.isPlain ? inferred(declaration, { endpoints, read }) : { ...declaration, endpoints }
  })
  const isSame = services.every((service, index) => service === declarations[index])
  return isSame ? declarations : services
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
  const found = kinds.has('name') ? 'DNS' : 'STATIC'
  return {
    ...declaration,
    endpoints,
    headless: !hasAddress && kinds.has('ip'),
    resolution: declaration.resolution === 'NONE' ? 'NONE' : found,
  }
}

function isSameList(a: readonly Endpoint[], b: readonly Endpoint[]): boolean {
  return a.length === b.length && a.every((one, index) => one === b[index])
}
