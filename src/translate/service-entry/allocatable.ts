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

/** The opt-out label; no other value of it means anything. */
export function refusesAllocation(labels: Labels): boolean {
  return labels.get('networking.istio.io/enable-autoallocate-ip')?.toLowerCase() === 'false'
}
