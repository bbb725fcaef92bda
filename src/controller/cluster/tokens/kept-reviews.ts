import { createHash } from 'node:crypto'
import type { Clock } from '../../../base/clock.ts'

interface Kept<Outcome> {
  readonly outcome: Outcome
  readonly until: number
}

/** Outcomes by token for a short time: of the tokens themselves only digests are kept. */
export class KeptReviews<Outcome> {
  readonly #clock: Clock
  readonly #most: number
  /** In the order of their coming. */
  readonly #kept = new Map<string, Kept<Outcome>>()

  constructor(clock: Clock, most: number) {
    this.#clock = clock
    this.#most = most
  }

  get(token: string): Outcome | undefined {
    const key = digestOf(token)
    const kept = this.#kept.get(key)
    if (!kept) return undefined
    if (this.#clock.now() < kept.until) return kept.outcome
    this.#kept.delete(key)
    return undefined
  }

  /** The oldest make room. */
  keep(token: string, outcome: Outcome, forMs: number): void {
    if (forMs <= 0) return
    const key = digestOf(token)
    this.#kept.delete(key)
    for (const oldest of this.#kept.keys()) {
      if (this.#kept.size < this.#most) break
      this.#kept.delete(oldest)
    }
    this.#kept.set(key, { outcome, until: this.#clock.now() + forMs })
  }
}

function digestOf(token: string): string {
  return createHash('sha256').update(token).digest('base64')
}
