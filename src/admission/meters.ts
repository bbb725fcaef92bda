import type { MeterSpec } from '../base/meters.ts'

export const reviewsAnswered: MeterSpec = {
  name: 'meshdns_admission_requests_total',
  kind: 'counter',
  help: 'Questions of API servers that were answered, by the path that they came to.',
  label: 'path',
}

export const reviewsRefused: MeterSpec = {
  name: 'meshdns_admission_refused_total',
  kind: 'counter',
  help: 'Objects that were refused, by the path of the webhook.',
  label: 'path',
}

export const reviewFailures: MeterSpec = {
  name: 'meshdns_admission_failures_total',
  kind: 'counter',
  help: 'Requests to webhooks that got no answer to their question, by HTTP status.',
  label: 'status',
}

export const reviewSeconds: MeterSpec = {
  name: 'meshdns_admission_duration_seconds',
  kind: 'histogram',
  help: 'Time from a question of an API server, read whole, to its answer.',
  buckets: [0.001, 0.005, 0.025, 0.1, 0.5, 2],
}
