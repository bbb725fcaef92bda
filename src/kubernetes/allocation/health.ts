import type { HealthSpec } from '../../base/health.ts'

export const allocationStalled: HealthSpec = {
  code: 'ALLOCATION_STALLED',
  severity: 'degraded',
  title: 'virtual addresses cannot be written into the cluster',
  hint: 'See whether the API server is well, and whether the account may patch serviceentries/status, and get, create and update the ConfigMap meshdns-virtual-addresses.',
}

export const statusRefused: HealthSpec = {
  code: 'ALLOCATION_STATUS_REFUSED',
  severity: 'degraded',
  title: 'the API server refuses the addresses of an entry',
  hint: 'Bring the entry in order with kubectl edit: the server, and the webhooks and policies of others, check all of it when its status is written. Other entries are not concerned.',
}

export const otherAllocator: HealthSpec = {
  code: 'ALLOCATION_ELSEWHERE',
  severity: 'degraded',
  title: 'an istiod gives out the virtual addresses',
  hint: 'Nothing has to be done: its addresses are used. Switch its allocation off with PILOT_ENABLE_IP_AUTOALLOCATE=false there, or set allocation to lead here.',
}
