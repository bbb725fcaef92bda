import type { HealthSpec } from '../../../base/health.ts'

export const tokensUnreviewed: HealthSpec = {
  code: 'CONTROLLER_TOKENS_UNREVIEWED',
  severity: 'degraded',
  title: 'the cluster does not review tokens',
  hint: 'Where it is forbidden, let the account of the controller create tokenreviews of authentication.k8s.io. Until then signatures decide alone, and tokens of deleted pods count until they expire.',
}
