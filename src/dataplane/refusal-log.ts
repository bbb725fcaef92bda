import type { Clock } from '../base/clock.ts'
import type { Log } from '../base/log.ts'
import { formatSocketAddress, type SocketAddress } from '../ip/socket-address.ts'
import type { Refusal } from './refusal.ts'

/** Who was refused, and what for. */
export interface RefusedCall {
  readonly client: string
  /** `undefined` when it could not be found out. */
  readonly original: SocketAddress | undefined
  readonly host: string | undefined
}

/** The same refusal of the same destination is told once in this time, then with its count. */
const quietMs = 10_000
const maximumKeys = 1_000

interface Told {
  readonly at: number
  untold: number
}

/** Tells of refused connections, without letting one that is tried over and over fill the log. */
export class RefusalLog {
  readonly #log: Log
  readonly #clock: Clock
  readonly #told = new Map<string, Told>()

  constructor(log: Log, clock: Clock) {
    this.#log = log
    this.#clock = clock
  }

  tell({ reason, error }: Refusal, { client, original, host }: RefusedCall): void {
    const now = this.#clock.now()
    const key = `${reason} ${original ? formatSocketAddress(original) : ''}`
    const told = this.#told.get(key)
    if (told && now - told.at < quietMs) {
      told.untold += 1
      return
    }
    // Least recently told first, so that the oldest makes room.
    this.#told.delete(key)
    this.#told.set(key, { at: now, untold: 0 })
    if (this.#told.size > maximumKeys) this.#dropOldest()
    const where = original && { address: original.address, port: original.port }
    const whom = host === undefined ? {} : { host }
    const why = error === undefined ? {} : { error }
    const count = (told?.untold ?? 0) + 1
    this.#log.warn({ client, ...where, ...whom, reason, ...why, count }, 'refused a connection')
  }

  #dropOldest(): void {
    for (const [oldest] of this.#told) {
      this.#told.delete(oldest)
      return
    }
  }
}
