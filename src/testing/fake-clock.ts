import type { Clock } from '../base/clock.ts'

interface Timer {
  readonly at: number
  readonly callback: () => void
}

/** A clock that stands still until a test moves it; timers fire in order while it moves. */
export class FakeClock implements Clock {
  #now = 0
  #wallAhead: number
  readonly #timers = new Set<Timer>()

  /** `wallMs` is the time of day at the start; real TLS needs one that is near the machine's. */
  constructor(wallMs = Date.UTC(2026, 0, 1)) {
    this.#wallAhead = wallMs
  }

  now(): number {
    return this.#now
  }

  wall(): number {
    return this.#wallAhead + this.#now
  }

  /** Sets the time of day forward or back, as an administrator does; timers do not notice. */
  jump(ms: number): void {
    this.#wallAhead += ms
  }

  /** How many timers are set. */
  get waiting(): number {
    return this.#timers.size
  }

  after(delayMs: number, callback: () => void): () => void {
    const timer = { at: this.#now + delayMs, callback }
    this.#timers.add(timer)
    return () => this.#timers.delete(timer)
  }

  advance(ms: number): void {
    const end = this.#now + ms
    for (;;) {
      const due = [...this.#timers].filter((timer) => timer.at <= end)
      const [next] = due.sort((a, b) => a.at - b.at)
      if (!next) break
      this.#timers.delete(next)
      this.#now = Math.max(this.#now, next.at)
      next.callback()
    }
    this.#now = end
  }
}
