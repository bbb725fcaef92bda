import type { HealthSpec } from '../base/health.ts'

export const watchUnavailable: HealthSpec = {
  code: 'FILES_WATCH_UNAVAILABLE',
  severity: 'degraded',
  title: 'changes of files are noticed late',
  hint: 'The kernel refuses to report changes; raise fs.inotify.max_user_watches and fs.inotify.max_user_instances. Until then files are looked at every second.',
}

export const sourceUnreadable: HealthSpec = {
  code: 'FILES_UNREADABLE',
  severity: 'degraded',
  title: 'configuration cannot be read',
  hint: 'Check that the path exists and may be read; what was read before stays in force.',
}

export const objectRefused: HealthSpec = {
  code: 'FILES_OBJECT_REFUSED',
  severity: 'degraded',
  title: 'an object of the configuration was refused',
  hint: 'Mend it where the detail says; its last good version stays in force, if there was one.',
}

export const virtualStateDamaged: HealthSpec = {
  code: 'VIRTUAL_STATE_DAMAGED',
  severity: 'degraded',
  title: 'the record of virtual addresses could not be used',
  hint: 'It was set aside and a new one begun, so hosts may have other virtual addresses than before. Delete or restore the file that was set aside, then restart.',
}

export const virtualStateUnsaved: HealthSpec = {
  code: 'VIRTUAL_STATE_UNSAVED',
  severity: 'degraded',
  title: 'virtual addresses cannot be recorded',
  hint: 'Check the space and the permissions of the state folder; after a restart hosts may have other virtual addresses.',
}

export const resolvConfUnreadable: HealthSpec = {
  code: 'RESOLV_CONF_UNREADABLE',
  severity: 'degraded',
  title: 'resolv.conf cannot be read',
  hint: 'Check that the file exists and may be read; the servers that were read last stay in use.',
}

export const meshConfigRefused: HealthSpec = {
  code: 'MESH_CONFIG_REFUSED',
  severity: 'degraded',
  title: 'the configuration of the mesh cannot be used',
  hint: 'Mend the file where the detail says; what was read before stays in force.',
}
