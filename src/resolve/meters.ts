import type { MeterSpec } from '../base/meters.ts'

export const dnsRequests: MeterSpec = {
  name: 'istio_agent_dns_requests_total',
  kind: 'counter',
  help: 'DNS queries received.',
}

export const dnsUpstreamRequests: MeterSpec = {
  name: 'istio_agent_dns_upstream_requests_total',
  kind: 'counter',
  help: 'DNS queries forwarded to an upstream.',
}

export const dnsUpstreamFailures: MeterSpec = {
  name: 'istio_agent_dns_upstream_failures_total',
  kind: 'counter',
  help: 'DNS queries that no upstream answered.',
}

export const dnsUpstreamDuration: MeterSpec = {
  name: 'istio_agent_dns_upstream_request_duration_seconds',
  kind: 'histogram',
  help: 'Time from forwarding a DNS query to its reply, in seconds.',
  buckets: [0.001, 0.005, 0.01, 0.1, 1, 5],
}

export const dnsAnswers: MeterSpec = {
  name: 'meshdns_dns_answers_total',
  kind: 'counter',
  help: 'DNS answers given, by where they came from.',
  label: 'from',
}

export const dnsServfails: MeterSpec = {
  name: 'meshdns_dns_servfail_total',
  kind: 'counter',
  help: 'SERVFAIL answers that we made ourselves, by reason.',
  label: 'reason',
}

export const dnsCachedAnswers: MeterSpec = {
  name: 'meshdns_dns_cached_answers',
  kind: 'gauge',
  help: 'Ready-made answers in the answer cache.',
}

export const dnsPending: MeterSpec = {
  name: 'meshdns_dns_pending',
  kind: 'gauge',
  help: 'Questions that wait for an upstream.',
}

export const dnsHosts: MeterSpec = {
  name: 'meshdns_dns_hosts',
  kind: 'gauge',
  help: 'Hosts that are answered from the mesh.',
}

export const dnsDropped: MeterSpec = {
  name: 'meshdns_dns_dropped_total',
  kind: 'counter',
  help: 'Datagrams and messages that deserve no answer (too short, or answers themselves).',
}
