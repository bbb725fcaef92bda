import type { Clock } from '../../base/clock.ts'
import { pause } from '../../base/pause.ts'

/** Lets so many through a second, a second's worth of them at once. */
export class Pacer {
  readonly #perSecond: number
  readonly #clock: Clock
  /** The moment from which on all that may come has come. */
  #fullAt = 0

  constructor(perSecond: number, clock: Clock) {
    this.#perSecond = perSecond
    this.#clock = clock
  }

  /** Resolves when it is one's turn, or the signal comes. */
  async turn(signal: AbortSignal): Promise<void> {
    const now = this.#clock.now()
    this.#fullAt = Math.max(this.#fullAt, now) + 1_000 / this.#perSecond
    const waitMs = this.#fullAt - now - 1_000
    if (waitMs > 0) await pause(waitMs, this.#clock, signal)
  }
}
