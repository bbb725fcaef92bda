import type { HealthSpec } from '../../base/health.ts'

export const clusterObjectRefused: HealthSpec = {
  code: 'KUBERNETES_OBJECT_REFUSED',
  severity: 'degraded',
  title: 'an object of the cluster was refused',
  hint: 'Mend it as the detail says; its last good version stays in force, if we saw one.',
}
