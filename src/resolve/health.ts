import type { HealthSpec } from '../base/health.ts'

export const noUpstreams: HealthSpec = {
  code: 'UPSTREAM_NONE',
  severity: 'degraded',
  title: 'no upstream DNS server',
  hint: 'Add a nameserver line to resolv.conf; names outside the mesh get SERVFAIL until then.',
}

export const upstreamLoop: HealthSpec = {
  code: 'UPSTREAM_LOOP',
  severity: 'degraded',
  title: 'an upstream sends our questions back to us',
  hint: 'The server forwards to this agent, or its own questions are captured. Exempt its user from capture, or give it other servers.',
}
