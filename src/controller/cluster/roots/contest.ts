import type { Clock } from '../../../base/clock.ts'

/** So many times within this time is more than a person does by hand. */
const many = 3
const withinMs = 10_000
/** Roots are rotated once in years. */
const mostTexts = 16

/** Notices that somebody undoes what we do, again and again. */
export class Contest {
  readonly #clock: Clock
  readonly #written = new Set<string>()
  /** When each was put right; only of the last moments, longest ago first. */
  readonly #times = new Map<string, readonly number[]>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** That we wrote this: finding it later means that nobody undid anything. */
  wrote(text: string): void {
    if (this.#written.size >= mostTexts) this.#written.clear()
    this.#written.add(text)
  }

  /** It is about to be put right, as this was found: whether that was done too often already. */
  isLost(namespace: string, found: string): boolean {
    if (this.#written.has(found)) return false
    const now = this.#clock.now()
    for (const [name, times] of this.#times) {
      if (now - (times.at(-1) ?? 0) < withinMs) break
      this.#times.delete(name)
    }
    const before = (this.#times.get(namespace) ?? []).filter((at) => now - at < withinMs)
    if (before.length >= many) return true
    this.#times.delete(namespace)
    this.#times.set(namespace, [...before, now])
    return false
  }

  forget(): void {
    this.#times.clear()
  }
}
