import type { Clock } from '../base/clock.ts'
import type { Log } from '../base/log.ts'

/** What a controller needs of its process. */
export interface ControllerProcess {
  readonly clock: Clock
  readonly log: Log
  /** Of this controller among others: the host's name. */
  readonly name: string
  /** Of this program. */
  readonly version: string
  /** A pod is told of its cluster by it. */
  readonly env: Readonly<Record<string, string | undefined>>
  /** Ends a start that waits for something. */
  readonly stopping?: AbortSignal
}
