import type { Clock } from './clock.ts'

interface Told {
  /** How many may be told at once. */
  tokens: number
  at: number
  untold: number
}

/** So many of a kind are told one by one, and then one in this time with the count of the others. */
const burst = 20
const quietMs = 1_000

/**
 * Keeps things that somebody else can bring about at will from filling the log.
 *
 * Kinds are few: they are remembered.
 */
export class Seldom {
  readonly #clock: Clock
  readonly #told = new Map<string, Told>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** It happened again: how many there were since it was told last, or 0 when it is not to be told now. */
  countToTell(kind: string): number {
    const now = this.#clock.now()
    const told = this.#told.get(kind) ?? { tokens: burst, at: now, untold: 0 }
    this.#told.set(kind, told)
    told.tokens = Math.min(burst, told.tokens + (now - told.at) / quietMs)
    told.at = now
    told.untold += 1
    if (told.tokens < 1) return 0
    told.tokens -= 1
    const count = told.untold
    told.untold = 0
    return count
  }
}
