import { Health } from '../base/health.ts'
import { Meters } from '../base/meters.ts'
import { Scope } from '../base/scope.ts'
import type { AgentPorts } from './ports.ts'

/** Ports for one agent: problems go to the log when they come and go. */
export function createAgentPorts({ clock, log }: Pick<AgentPorts, 'clock' | 'log'>): AgentPorts {
  const health = new Health(({ code, detail, hint, title }, present) => {
    if (present) log.warn({ code, reason: detail, hint }, title)
    else log.info({ code, reason: detail }, 'a problem is gone')
  })
  return { clock, log, health, meters: new Meters(), scope: new Scope(log) }
}
