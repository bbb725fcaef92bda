import type { Clock } from '../../base/clock.ts'

/** Something that may have a response to send. */
export interface Pushable {
  /** Sends what is due; true when it wants another turn. */
  push(): boolean
}

/** How long streams are served before the rest of the program gets a turn. */
const turnMs = 5

/** Gives every stream its turn, and leaves room between turns for everything else. */
export class PushQueue {
  readonly #clock: Clock
  readonly #waiting = new Set<Pushable>()
  #scheduled = false

  constructor(clock: Clock) {
    this.#clock = clock
  }

  add(stream: Pushable): void {
    this.#waiting.add(stream)
    this.#schedule()
  }

  remove(stream: Pushable): void {
    this.#waiting.delete(stream)
  }

  #schedule(): void {
    if (this.#scheduled || this.#waiting.size === 0) return
    this.#scheduled = true
    setImmediate(() => this.#turn())
  }

  #turn(): void {
    this.#scheduled = false
    const end = this.#clock.now() + turnMs
    for (const stream of this.#waiting) {
      this.#waiting.delete(stream)
      // Added again, it comes after all others.
      if (stream.push()) this.#waiting.add(stream)
      if (this.#clock.now() >= end) break
    }
    this.#schedule()
  }
}
