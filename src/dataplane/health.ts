import type { HealthSpec } from '../base/health.ts'

export const relayFull: HealthSpec = {
  code: 'RELAY_FULL',
  severity: 'degraded',
  title: 'the relay refuses connections because it has too many',
  hint: 'Raise `maxConnections`, or find the application that does not close its connections.',
}
