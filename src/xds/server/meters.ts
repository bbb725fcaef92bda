import type { MeterSpec } from '../../base/meters.ts'

export const xdsConnections: MeterSpec = {
  name: 'meshdns_xds_server_connections',
  kind: 'gauge',
  help: 'Open connections of the xDS server, by port.',
  label: 'port',
}

export const xdsStreams: MeterSpec = {
  name: 'meshdns_xds_server_streams',
  kind: 'gauge',
  help: 'Open discovery streams, by variant.',
  label: 'variant',
}

export const xdsRefusals: MeterSpec = {
  name: 'meshdns_xds_server_refusals_total',
  kind: 'counter',
  help: 'Connections and streams that were refused or ended, by reason.',
  label: 'reason',
}

export const xdsResources: MeterSpec = {
  name: 'meshdns_xds_server_resources',
  kind: 'gauge',
  help: 'Services and workloads that can be subscribed to.',
}

export const xdsRemembered: MeterSpec = {
  name: 'meshdns_xds_server_remembered',
  kind: 'gauge',
  help: 'Removals and former visibilities that are kept for streams that are behind.',
}

export const xdsPushes: MeterSpec = {
  name: 'meshdns_xds_server_pushes_total',
  kind: 'counter',
  help: 'Rounds in which changes were offered to all streams.',
}

export const xdsResponses: MeterSpec = {
  name: 'meshdns_xds_server_responses_total',
  kind: 'counter',
  help: 'Responses that were sent.',
}

export const xdsResponseOctets: MeterSpec = {
  name: 'meshdns_xds_server_response_octets_total',
  kind: 'counter',
  help: 'Octets of the responses that were sent.',
}

export const xdsReceipts: MeterSpec = {
  name: 'meshdns_xds_server_receipts_total',
  kind: 'counter',
  help: 'Responses that a client acknowledged (ack) or refused (nack).',
  label: 'receipt',
}

export const xdsConvergence: MeterSpec = {
  name: 'meshdns_xds_server_convergence_seconds',
  kind: 'histogram',
  help: 'Time from a change until a stream acknowledged it.',
  buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.5, 1, 5, 30],
}
