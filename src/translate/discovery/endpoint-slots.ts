import type { Endpoint, Service } from '../../registry/service.ts'
import type { ServiceReference } from './resource.ts'
import { serviceName } from './service-name.ts'

/** What one declaration of a service says of a workload. */
export interface Contribution {
  readonly service: ServiceReference
  /** The service's name as a resource. */
  readonly serviceName: string
  /** Kind and name of the declaring object; empty when it is the only one. */
  readonly declaredBy: string
  readonly endpoint: Endpoint
}

const groups: Readonly<Record<string, string>> = {
  ServiceEntry: 'networking.istio.io',
  WorkloadEntry: 'networking.istio.io',
  EndpointSlice: 'discovery.k8s.io',
}

/** Kinds of which each object is one endpoint, wherever that is. */
const single: ReadonlySet<string> = new Set(['Pod', 'WorkloadEntry'])

/**
 * The endpoints of a service by the workload that they are: `CLUSTER/GROUP/KIND/NAMESPACE/NAME[/TARGET]`.
 *
 * Where one declaration has the same target of an object more than once, `#2` and so on tell them apart.
 */
export function slotsOf(
  declarations: readonly Service[],
  clusterId: string,
): Map<string, Contribution[]> {
  const slots = new Map<string, Contribution[]>()
  const keys = declarations.length === 1 ? [] : declarationKeys(declarations)
  for (const [index, declaration] of declarations.entries()) {
    const { namespace, host, exportTo } = declaration
    const shared = {
      service: { namespace, host, exportTo },
      serviceName: serviceName(declaration),
      declaredBy: keys[index] ?? '',
    }
    const seen = new Map<string, number>()
    for (const endpoint of declaration.endpoints) {
      const base = uidOf(endpoint, clusterId)
      const count = (seen.get(base) ?? 0) + 1
      seen.set(base, count)
      const slot = count === 1 ? base : `${base}#${count}`
      const contribution = { ...shared, endpoint }
      const known = slots.get(slot)
      if (known) known.push(contribution)
      else slots.set(slot, [contribution])
    }
  }
  return slots
}

/** What roles call each declaration of a service, so that one more does not rename the others. */
export function declarationKeys(
  declarations: readonly Pick<Service, 'origin'>[],
): readonly string[] {
  const seen = new Map<string, number>()
  return declarations.map(({ origin }) => {
    const name = `${origin.kind}/${origin.name}`
    const count = (seen.get(name) ?? 0) + 1
    seen.set(name, count)
    return count === 1 ? name : `${name}#${count}`
  })
}

function uidOf({ origin, target }: Endpoint, clusterId: string): string {
  const { kind, namespace, name } = origin
  const object = `${clusterId}/${groups[kind] ?? ''}/${kind}/${namespace}/${name}`
  if (single.has(kind)) return object
  switch (target.kind) {
    case 'ip':
      return `${object}/${target.address}`
    case 'name':
      return `${object}/${target.name}`
    case 'unix':
      return `${object}/${target.path.replaceAll('%', '%25').replaceAll('#', '%23')}`
  }
}
