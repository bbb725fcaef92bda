import type { Clock } from '../base/clock.ts'
import type { Health } from '../base/health.ts'
import type { Log } from '../base/log.ts'
import type { Meters } from '../base/meters.ts'
import type { Scope } from '../base/scope.ts'

/** What every part of an agent shares. */
export interface AgentPorts {
  readonly clock: Clock
  readonly log: Log
  readonly health: Health
  readonly meters: Meters
  /** What a part starts is stopped through it, last first. */
  readonly scope: Scope
}
