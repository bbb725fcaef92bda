import type { HealthSpec } from '../base/health.ts'

export const virtualPoolExhausted: HealthSpec = {
  code: 'VIRTUAL_POOL_EXHAUSTED',
  severity: 'degraded',
  title: 'no virtual address is left for some hosts',
  hint: 'Configure a larger address range, or give these hosts explicit addresses; they get one by themselves as soon as one is free.',
}

export const virtualConflict: HealthSpec = {
  code: 'VIRTUAL_CONFLICT',
  severity: 'degraded',
  title: 'a host had to give up its virtual address',
  hint: 'Choose explicit addresses outside the ranges that virtual addresses come from.',
}
