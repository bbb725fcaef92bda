import type { HealthSpec } from '../../base/health.ts'

export const controllerUnreachable: HealthSpec = {
  code: 'XDS_CONTROLLER_UNREACHABLE',
  severity: 'degraded',
  title: 'no controller can be reached',
  hint: 'Check `controller.addresses`, the way there, and that a controller runs; the last table stays in force.',
}

export const controllerRefused: HealthSpec = {
  code: 'XDS_RESPONSE_REFUSED',
  severity: 'degraded',
  title: 'the controller sent something that cannot be used',
  hint: 'The controller was told why, and its log says so as well; what was in force before stays.',
}

export const resourcesUnusable: HealthSpec = {
  code: 'XDS_RESOURCES_UNUSABLE',
  severity: 'degraded',
  title: 'services or workloads of the controller cannot be used',
  hint: '/debug/controller lists them with the reasons; what each said before stays in force.',
}

export const workloadDiscoveryMissing: HealthSpec = {
  code: 'XDS_NAMES_ONLY',
  severity: 'degraded',
  title: 'the controller serves no workload discovery',
  hint: 'Names are answered from its name table; connections to virtual addresses are refused, as it tells no ports and endpoints, and there are no SRV answers. Use `meshdns controller`, or an istiod with PILOT_ENABLE_AMBIENT=true.',
}

export const savedTableDamaged: HealthSpec = {
  code: 'XDS_SAVED_TABLE_DAMAGED',
  severity: 'degraded',
  title: 'the saved table could not be used',
  hint: 'It was set aside; until a controller is reached there are no names of the mesh. Delete the file that was set aside.',
}

export const savedTableUnsaved: HealthSpec = {
  code: 'XDS_SAVED_TABLE_UNSAVED',
  severity: 'degraded',
  title: 'the table cannot be saved',
  hint: 'Check the space and the permissions of the state folder; after a restart without a controller names would be old, or missing.',
}
