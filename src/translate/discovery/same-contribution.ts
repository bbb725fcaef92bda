import type { Endpoint } from '../../registry/service.ts'
import type { Contribution } from './endpoint-slots.ts'

/** Whether two contributions make the same of a workload, and show it to the same. */
export function isSameContribution(a: Contribution, b: Contribution): boolean {
  return (
    a.serviceName === b.serviceName &&
    a.declaredBy === b.declaredBy &&
    isSameList(a.service.exportTo, b.service.exportTo) &&
    (a.endpoint === b.endpoint ||
      (isSameWorkload(a.endpoint, b.endpoint) &&
        a.endpoint.hostname === b.endpoint.hostname &&
        hasSamePorts(a.endpoint.ports, b.endpoint.ports)))
  )
}

/** Whether two endpoints differ at most in what they are to their services. */
export function isSameWorkload(a: Endpoint, b: Endpoint): boolean {
  return (
    a.healthy === b.healthy &&
    a.weight === b.weight &&
    a.locality === b.locality &&
    a.network === b.network &&
    a.node === b.node &&
    a.serviceAccount === b.serviceAccount &&
    isSameTarget(a.target, b.target) &&
    isSameList(a.otherAddresses, b.otherAddresses) &&
    a.origin.kind === b.origin.kind &&
    a.origin.namespace === b.origin.namespace &&
    a.origin.name === b.origin.name &&
    a.origin.file === b.origin.file &&
    a.origin.line === b.origin.line
  )
}

export function hasSamePorts(
  a: ReadonlyMap<number, number>,
  b: ReadonlyMap<number, number>,
): boolean {
  if (a.size !== b.size) return false
  for (const [number, target] of a) if (b.get(number) !== target) return false
  return true
}

function isSameTarget(a: Endpoint['target'], b: Endpoint['target']): boolean {
  switch (a.kind) {
    case 'ip':
      return b.kind === 'ip' && a.address === b.address
    case 'name':
      return b.kind === 'name' && a.name === b.name
    case 'unix':
      return b.kind === 'unix' && a.path === b.path
  }
}

function isSameList(a: readonly string[], b: readonly string[]): boolean {
  return a === b || (a.length === b.length && a.every((entry, index) => entry === b[index]))
}
