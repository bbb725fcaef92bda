import type { Clock } from '../base/clock.ts'
import { Health } from '../base/health.ts'
import type { Log } from '../base/log.ts'
import { Meters } from '../base/meters.ts'
import { Scope } from '../base/scope.ts'
import { ControllerReadiness } from './readiness.ts'

/** What every part of a controller shares. */
export interface ControllerPorts {
  readonly clock: Clock
  readonly log: Log
  readonly health: Health
  readonly meters: Meters
  /** What a part starts is stopped through it, last first. */
  readonly scope: Scope
  /** Told by whoever has to be waited for. */
  readonly readiness: ControllerReadiness
}

/** Ports for one controller: problems go to the log when they come and go. */
export function createControllerPorts(clock: Clock, log: Log): ControllerPorts {
  const health = new Health(({ code, detail, hint, title }, present) => {
    if (present) log.warn({ code, reason: detail, hint }, title)
    else log.info({ code, reason: detail }, 'a problem is gone')
  })
  const readiness = new ControllerReadiness()
  return { clock, log, health, meters: new Meters(), scope: new Scope(log), readiness }
}
