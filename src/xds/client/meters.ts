import type { MeterSpec } from '../../base/meters.ts'

export const controllerConnects: MeterSpec = {
  name: 'meshdns_controller_connects_total',
  kind: 'counter',
  help: 'Tries to connect to a controller, by what came of them.',
  label: 'outcome',
}

export const controllerResponses: MeterSpec = {
  name: 'meshdns_controller_responses_total',
  kind: 'counter',
  help: 'Responses of controllers, by whether they were taken or refused.',
  label: 'outcome',
}

export const controllerReceived: MeterSpec = {
  name: 'meshdns_controller_received_resources_total',
  kind: 'counter',
  help: 'Services and workloads that controllers sent, by whether they were to be put or dropped.',
  label: 'change',
}

export const controllerResources: MeterSpec = {
  name: 'meshdns_controller_resources',
  kind: 'gauge',
  help: 'Services and workloads that are held from the controller.',
}

export const controllerTableAge: MeterSpec = {
  name: 'meshdns_controller_table_age_seconds',
  kind: 'gauge',
  help: 'How long ago the table was known to be what the controller has, in seconds; -1 when it never was.',
}

export const savedTableOctets: MeterSpec = {
  name: 'meshdns_saved_table_octets',
  kind: 'gauge',
  help: 'Size of the saved table.',
}
