import { type Hostname, isWildcard } from '../../registry/hostname.ts'
import type { Resolution } from '../../registry/service.ts'
import type { Labels } from '../mesh-object.ts'

interface AllocationFacts {
  readonly autoAllocate: boolean
  readonly resolution: Resolution
  readonly meta: { readonly labels: Labels }
}

/** Whether an entry that has no addresses of its own may be given virtual ones. */
export function isAllocatable({ autoAllocate, resolution, meta }: AllocationFacts): boolean {
  return autoAllocate && resolution !== 'NONE' && !refusesAllocation(meta.labels)
}

/** A wildcard gets one where the endpoint does not depend on the name, or is found from the connection's own. */
export function isHostAllocatable(host: Hostname, resolution: Resolution): boolean {
  return !isWildcard(host) || resolution === 'STATIC' || resolution === 'DYNAMIC_DNS'
}

/** The opt-out label; no other value of it means anything. */
export function refusesAllocation(labels: Labels): boolean {
  return labels.get('networking.istio.io/enable-autoallocate-ip')?.toLowerCase() === 'false'
}
