import type { Service } from './service.ts'

/**
 * What a user of a ServiceEntry is told when a Kubernetes Service has one of its hosts: there the entry is not what is
 * answered. `undefined` when none has it, of these that are all of the host's.
 */
export function serviceBefore(declared: readonly Service[], namespace: string): string | undefined {
  const service = declared.find(({ registry }) => registry === 'Kubernetes')
  if (!service) return undefined
  const { kind, namespace: of, name } = service.origin
  const where = of === namespace ? '' : ` outside of namespace ${namespace}`
  return `${kind} ${of}/${name} has this host as well, and is answered in its place${where}`
}
