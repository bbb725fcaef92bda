import type { Clock } from '../base/clock.ts'

/** How many failures are remembered; beyond, the oldest is forgotten. */
const maximumEntries = 10_000

/** What failed a short while ago and is better avoided; it needs no timer and forgets by itself. */
export class RecentFailures {
  readonly #clock: Clock
  readonly #avoidMs: number
  /** When each may be tried again, earliest first. */
  readonly #until = new Map<string, number>()

  constructor(clock: Clock, avoidMs: number) {
    this.#clock = clock
    this.#avoidMs = avoidMs
  }

  mark(key: string): void {
    this.#until.delete(key)
    this.#until.set(key, this.#clock.now() + this.#avoidMs)
    if (this.#until.size <= maximumEntries) return
    for (const [oldest] of this.#until) {
      this.#until.delete(oldest)
      return
    }
  }

  clear(key: string): void {
    this.#until.delete(key)
  }

  has(key: string): boolean {
    const until = this.#until.get(key)
    if (until === undefined) return false
    if (until > this.#clock.now()) return true
    this.#until.delete(key)
    return false
  }
}
