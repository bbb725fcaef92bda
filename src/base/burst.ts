import type { Clock } from './clock.ts'

/**
 * Has something done at once when it is asked for alone, and once for all that is asked for soon after.
 */
export class Burst {
  readonly #windowMs: number
  readonly #clock: Clock
  readonly #act: () => void
  #cancel: (() => void) | undefined
  #isAsked = false

  constructor(windowMs: number, clock: Clock, act: () => void) {
    this.#windowMs = windowMs
    this.#clock = clock
    this.#act = act
  }

  ask(): void {
    this.#isAsked = true
    if (!this.#cancel) this.flush()
  }

  /** Does now what was asked for. */
  flush(): void {
    if (!this.#isAsked) return
    this.#isAsked = false
    this.#cancel?.()
    this.#cancel = this.#clock.after(this.#windowMs, () => {
      this.#cancel = undefined
      this.flush()
    })
    this.#act()
  }

  /** What was asked for and not done yet is not done any more. */
  stop(): void {
    this.#isAsked = false
    this.#cancel?.()
    this.#cancel = undefined
  }
}
