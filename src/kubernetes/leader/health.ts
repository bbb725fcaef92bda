import type { HealthSpec } from '../../base/health.ts'

export const leaseForbidden: HealthSpec = {
  code: 'LEASE_FORBIDDEN',
  severity: 'degraded',
  title: 'this replica may not lead',
  hint: 'Allow its account to get, create and update leases of coordination.k8s.io in its namespace; until then nobody gives out addresses.',
}
