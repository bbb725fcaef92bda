import type { MeterSpec } from '../base/meters.ts'

export const connectionsOpened: MeterSpec = {
  name: 'meshdns_relay_connections_total',
  kind: 'counter',
  help: 'Captured connections accepted by the relay.',
}

export const connectionsActive: MeterSpec = {
  name: 'meshdns_relay_connections_active',
  kind: 'gauge',
  help: 'Connections in the relay now.',
}

export const connectionsRefused: MeterSpec = {
  name: 'meshdns_relay_refused_total',
  kind: 'counter',
  help: 'Connections that the relay refused, by reason.',
  label: 'reason',
}

export const connectionsEnded: MeterSpec = {
  name: 'meshdns_relay_ended_total',
  kind: 'counter',
  help: 'Carried connections that are over, by how: ended, reset, idle or stopped.',
  label: 'how',
}

export const octetsCarried: MeterSpec = {
  name: 'meshdns_relay_bytes_total',
  kind: 'counter',
  help: 'Octets carried, by direction: to_endpoint or to_client.',
  label: 'direction',
}

export const connectFailures: MeterSpec = {
  name: 'meshdns_relay_connect_failures_total',
  kind: 'counter',
  help: 'Attempts to reach an endpoint that failed, by error.',
  label: 'error',
}

export const lookupFailures: MeterSpec = {
  name: 'meshdns_relay_lookup_failures_total',
  kind: 'counter',
  help: 'Look-ups of endpoint names that failed; the last good addresses stay in use.',
}
