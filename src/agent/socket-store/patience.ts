import type { Clock } from '../../base/clock.ts'

/** Time to hear those who have come. */
const hearingMs = 1_000

/**
 * How long nobody may serve before it has been too long. Who serves only for moments does not begin it anew: time
 * away adds up, until somebody has served for as long as the patience lasts.
 */
export class Patience {
  readonly #limitMs: number
  readonly #clock: Clock
  readonly #onEnd: () => void
  #leftMs: number
  #servedSinceMs: number | undefined
  #awaySinceMs: number | undefined
  #cancel = () => {}

  constructor(limitMs: number, clock: Clock, onEnd: () => void) {
    this.#limitMs = limitMs
    this.#leftMs = limitMs
    this.#clock = clock
    this.#onEnd = onEnd
  }

  /** Somebody serves from now on. */
  begin(): void {
    if (this.#servedSinceMs !== undefined) return
    this.#cancel()
    const nowMs = this.#clock.now()
    if (this.#awaySinceMs !== undefined) {
      this.#leftMs = Math.max(0, this.#leftMs - (nowMs - this.#awaySinceMs))
    }
    this.#awaySinceMs = undefined
    this.#servedSinceMs = nowMs
  }

  /** Nobody serves any more. */
  end(): void {
    if (this.#servedSinceMs === undefined) return
    const nowMs = this.#clock.now()
    if (nowMs - this.#servedSinceMs >= this.#limitMs) this.#leftMs = this.#limitMs
    this.#servedSinceMs = undefined
    this.#awaySinceMs = nowMs
    // In two steps: who has come while we were held up ourselves is heard in between.
    const lastMs = Math.min(this.#leftMs, hearingMs)
    this.#cancel = this.#clock.after(this.#leftMs - lastMs, () => {
      this.#cancel = this.#clock.after(lastMs, () => {
        this.#leftMs = 0
        this.#awaySinceMs = undefined
        this.#onEnd()
      })
    })
  }

  /** There is nothing to wait for, and nothing to be blamed for. */
  forgive(): void {
    this.#cancel()
    this.#servedSinceMs = undefined
    this.#awaySinceMs = undefined
    this.#leftMs = this.#limitMs
  }
}
