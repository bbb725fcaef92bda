import type { HealthSpec } from '../base/health.ts'

export const registrationUnsaved: HealthSpec = {
  code: 'REGISTRATION_UNSAVED',
  severity: 'degraded',
  title: 'entries of registered machines cannot be saved',
  hint: 'Check the space and the permissions of the state folder; until then such machines are no endpoints.',
}

export const restartNeeded: HealthSpec = {
  code: 'CONTROLLER_RESTART_NEEDED',
  severity: 'degraded',
  title: 'a change of the mesh is not in force yet',
  hint: 'Restart the controller; agents go on meanwhile.',
}
