import type { HealthSpec } from '../../base/health.ts'

export const kindForbidden: HealthSpec = {
  code: 'KUBERNETES_FORBIDDEN',
  severity: 'degraded',
  title: 'the cluster does not let us read a kind of object',
  hint: 'Add the rule of the detail to the role that the account is bound to; it is tried again every minute.',
}

export const kindNotFollowed: HealthSpec = {
  code: 'KUBERNETES_NOT_FOLLOWED',
  severity: 'degraded',
  title: 'changes in the cluster do not reach us',
  hint: 'See whether the API server can be reached and is well: kubectl get --raw /readyz. What was read before stays in force.',
}
