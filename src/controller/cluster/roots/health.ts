import type { HealthSpec } from '../../../base/health.ts'

export const rootsContested: HealthSpec = {
  code: 'CONTROLLER_ROOTS_CONTESTED',
  severity: 'degraded',
  title: 'somebody else writes other roots into the ConfigMaps istio-ca-root-cert',
  hint: 'An istiod that runs in the same cluster does so: give both one CA (Secret cacerts), or stop one of them. The ConfigMaps are left to it meanwhile, and pods believe its roots.',
}

export const rootsUnwritten: HealthSpec = {
  code: 'CONTROLLER_ROOTS_UNWRITTEN',
  severity: 'degraded',
  title: 'root certificates cannot be written into every namespace',
  hint: 'Let the account of the controller create and patch configmaps; until then new pods of these namespaces do not start.',
}
