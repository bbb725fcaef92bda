import { type Clock, systemClock } from '../base/clock.ts'
import { until } from './until.ts'

/** The time of the machine, but for one delay, which is over when the test says so. */
export class DeadlineClock implements Clock {
  readonly now = () => systemClock.now()
  readonly wall = () => systemClock.wall()
  readonly #delayMs: number
  readonly #deadlines = new Set<() => void>()

  constructor(delayMs: number) {
    this.#delayMs = delayMs
  }

  after(delayMs: number, callback: () => void): () => void {
    if (delayMs !== this.#delayMs) return systemClock.after(delayMs, callback)
    this.#deadlines.add(callback)
    return () => this.#deadlines.delete(callback)
  }

  /** Waits until the delay counts for one only, and is over for it. */
  async expire(): Promise<void> {
    await until(() => this.#deadlines.size === 1)
    for (const callback of this.#deadlines) callback()
  }
}
