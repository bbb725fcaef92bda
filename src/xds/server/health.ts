import type { HealthSpec } from '../../base/health.ts'

export const xdsProxyRefuses: HealthSpec = {
  code: 'XDS_PROXY_REFUSES',
  severity: 'degraded',
  title: 'a proxy refuses what it is sent',
  hint: 'The detail says why; it keeps what it had before. The next change of what it may see is sent to it again.',
}

export const xdsPlaintextOpen: HealthSpec = {
  code: 'XDS_PLAINTEXT_OPEN',
  severity: 'degraded',
  title: 'the mesh is told to anybody who asks',
  hint: 'Set `xds.plaintextOpen` to false, and let proxies use the port with TLS.',
}
