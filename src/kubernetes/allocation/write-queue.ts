import { Backoff } from '../../base/backoff.ts'
import type { Random } from '../../base/random.ts'

const tempo = { minMs: 200, maxMs: 30_000 }

interface Waiting {
  /** When it may be tried. */
  at: number
  readonly backoff: Backoff
}

/** Which entries have to be looked at and maybe written, and when; first come first. */
export class WriteQueue {
  readonly #random: Random
  readonly #waiting = new Map<string, Waiting>()
  /** Of those that were taken out and not put back. */
  readonly #taken = new Map<string, Waiting>()

  constructor(random: Random) {
    this.#random = random
  }

  keys(): Iterable<string> {
    return this.#waiting.keys()
  }

  /** One that failed before keeps its wait. */
  add(key: string): void {
    if (this.#waiting.has(key)) return
    const backoff = new Backoff(tempo, this.#random)
    this.#waiting.set(key, { at: 0, backoff })
  }

  /** Those that are due, at most so many. */
  take(now: number, count: number): readonly string[] {
    const due: string[] = []
    for (const [key, waiting] of this.#waiting) {
      if (due.length === count) break
      if (waiting.at > now) continue
      due.push(key)
      this.#taken.set(key, waiting)
    }
    for (const key of due) this.#waiting.delete(key)
    return due
  }

  done(key: string): void {
    this.#taken.delete(key)
  }

  /** Puts one back for later; longer each time in a row. */
  failed(key: string, now: number): void {
    const waiting = this.#taken.get(key)
    if (!waiting) return
    this.#taken.delete(key)
    waiting.at = now + waiting.backoff.next()
    this.#waiting.set(key, waiting)
  }

  /** Puts back what was taken and not tried. */
  putBack(): void {
    for (const [key, waiting] of this.#taken) this.#waiting.set(key, waiting)
    this.#taken.clear()
  }

  clear(): void {
    this.#waiting.clear()
    this.#taken.clear()
  }

  /** When the next one is due; `undefined` when there is none. */
  nextAt(): number | undefined {
    let first: number | undefined
    for (const { at } of this.#waiting.values()) first = Math.min(first ?? at, at)
    return first
  }
}
