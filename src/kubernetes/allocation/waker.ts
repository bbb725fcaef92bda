import type { Clock } from '../../base/clock.ts'
import { pause } from '../../base/pause.ts'

/** Lets a loop sleep until there is something to do. */
export class Waker {
  readonly #clock: Clock
  #call = new AbortController()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Ends the sleep, or the next one before it begins. */
  wake(): void {
    this.#call.abort()
  }

  /** Until somebody wakes it, `ms` have passed, or the signal comes. */
  async sleep(ms: number, signal: AbortSignal): Promise<void> {
    await pause(ms, this.#clock, AbortSignal.any([signal, this.#call.signal]))
    this.#call = new AbortController()
  }
}
