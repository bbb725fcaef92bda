import type { Clock } from '../../base/clock.ts'

/**
 * Does something after each change: at once when it is a single one, seldom when there are many.
 *
 * After it was done, changes are gathered until none came for `quietMs`, for `maxDelayMs` at most.
 */
export class Debounce {
  readonly #clock: Clock
  readonly #options: { readonly quietMs: number; readonly maxDelayMs: number }
  readonly #act: () => void
  #cancel: (() => void) | undefined
  /** When the first change came that nothing was done about yet. */
  #waitingSince: number | undefined

  constructor(
    clock: Clock,
    options: { readonly quietMs: number; readonly maxDelayMs: number },
    act: () => void,
  ) {
    this.#clock = clock
    this.#options = options
    this.#act = act
  }

  /** Something changed. */
  touch(): void {
    if (!this.#cancel) {
      this.#actNow()
      return
    }
    const now = this.#clock.now()
    this.#waitingSince ??= now
    const latest = this.#waitingSince + this.#options.maxDelayMs
    this.#cancel()
    this.#wait(Math.min(this.#options.quietMs, latest - now))
  }

  stop(): void {
    this.#cancel?.()
    this.#waitingSince = undefined
  }

  #wait(delayMs: number): void {
    this.#cancel = this.#clock.after(Math.max(0, delayMs), () => {
      this.#cancel = undefined
      if (this.#waitingSince !== undefined) this.#actNow()
    })
  }

  #actNow(): void {
    this.#waitingSince = undefined
    this.#wait(this.#options.quietMs)
    this.#act()
  }
}
