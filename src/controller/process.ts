import type { Clock } from '../base/clock.ts'
import type { Log } from '../base/log.ts'
import type { IpFamily } from '../ip/address.ts'

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
  /** Those in which its machine reaches others; pods have those of its own pod. */
  families(): readonly IpFamily[]
  /** Ends a start that waits for something. */
  readonly stopping?: AbortSignal
}
