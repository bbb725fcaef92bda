import type { HealthSpec } from '../base/health.ts'

export const registrationUnsaved: HealthSpec = {
  code: 'REGISTRATION_UNSAVED',
  severity: 'degraded',
  title: 'entries of registered machines cannot be saved',
  hint: 'Check the space and the permissions of the state folder, or whether the API server of the cluster answers, and lets us write workloadentries; until then such machines are no endpoints.',
}

export const restartNeeded: HealthSpec = {
  code: 'CONTROLLER_RESTART_NEEDED',
  severity: 'degraded',
  title: 'a change of the mesh is not in force yet',
  hint: 'Restart the controller; agents go on meanwhile.',
}

export const meshConfigMapRefused: HealthSpec = {
  code: 'CONTROLLER_MESH_CONFIG_MAP',
  severity: 'degraded',
  title: 'the configuration of the mesh in the cluster cannot be used',
  hint: 'Mend the ConfigMap where the detail says; what was read before stays in force.',
}

export const caBundleUnpatched: HealthSpec = {
  code: 'CONTROLLER_CA_BUNDLE',
  severity: 'degraded',
  title: 'the API server does not know the certificate of our webhooks',
  hint: 'Let the account patch the webhook configuration of the detail; until then objects are not checked, and pods get no agent.',
}
