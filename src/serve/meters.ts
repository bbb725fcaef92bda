import type { MeterSpec } from '../base/meters.ts'

export const droppedMessages: MeterSpec = {
  name: 'meshdns_serve_dropped_total',
  kind: 'counter',
  help: 'Messages from clients that were dropped without an answer, by reason.',
  label: 'reason',
}

export const sendErrors: MeterSpec = {
  name: 'meshdns_serve_send_errors_total',
  kind: 'counter',
  help: 'Answers that could not be sent to the client, by transport.',
  label: 'transport',
}

export const socketErrors: MeterSpec = {
  name: 'meshdns_serve_socket_errors_total',
  kind: 'counter',
  help: 'Errors of the sockets that DNS is served on.',
}

export const tcpConnections: MeterSpec = {
  name: 'meshdns_serve_tcp_connections',
  kind: 'gauge',
  help: 'Open TCP connections of clients.',
}

export const tcpConnectionsAccepted: MeterSpec = {
  name: 'meshdns_serve_tcp_connections_total',
  kind: 'counter',
  help: 'TCP connections of clients that were accepted.',
}

export const tcpConnectionsCut: MeterSpec = {
  name: 'meshdns_serve_tcp_connections_cut_total',
  kind: 'counter',
  help: 'TCP connections of clients that we refused or closed, by reason.',
  label: 'reason',
}

export const upstreamSockets: MeterSpec = {
  name: 'meshdns_serve_upstream_sockets',
  kind: 'gauge',
  help: 'Open sockets towards upstream servers, by transport.',
  label: 'transport',
}

export const upstreamSocketErrors: MeterSpec = {
  name: 'meshdns_serve_upstream_socket_errors_total',
  kind: 'counter',
  help: 'Errors of sockets towards upstream servers, by the code of the error.',
  label: 'code',
}
