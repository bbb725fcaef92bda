import type { Random } from './random.ts'

/** Between which bounds waits grow. */
export interface BackoffBounds {
  readonly minMs: number
  readonly maxMs: number
}

/** Says how long to wait before the next try: somewhere below a bound that doubles each time. */
export class Backoff {
  readonly #bounds: BackoffBounds
  readonly #random: Random
  #failures = 0

  constructor(bounds: BackoffBounds, random: Random) {
    this.#bounds = bounds
    this.#random = random
  }

  /** Drawn evenly from the whole range, so that a thousand machines do not come at once. */
  next(): number {
    const { minMs, maxMs } = this.#bounds
    const boundMs = Math.min(maxMs, minMs * 2 ** this.#failures)
    // Beyond this the bound is above any maximum.
    this.#failures = Math.min(this.#failures + 1, 30)
    return (boundMs * this.#random()) / 65_536
  }

  reset(): void {
    this.#failures = 0
  }
}
