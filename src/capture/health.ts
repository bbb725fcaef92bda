import type { HealthSpec } from '../base/health.ts'

export const captureDown: HealthSpec = {
  code: 'CAPTURE_DOWN',
  severity: 'down',
  title: 'questions are not caught',
  hint: 'See the error in the log; the agent tries again, and answers whoever asks it by address.',
}

export const captureFlushed: HealthSpec = {
  code: 'CAPTURE_FLUSHED',
  severity: 'degraded',
  title: 'another program took our rules away',
  hint: 'Load the firewall without `flush ruleset`, or after it restart the agent; rules were set anew.',
}
