import type { Clock } from '../base/clock.ts'

interface Bucket {
  left: number
  at: number
}

/** So many keys are remembered before those that had rest enough are forgotten. */
const mostBuckets = 50_000

/** Lets each key do something so many times a minute; what was not used adds up to one minute's worth. */
export class IssueLimit {
  readonly #perMinute: number
  readonly #clock: Clock
  readonly #buckets = new Map<string, Bucket>()

  constructor(perMinute: number, clock: Clock) {
    this.#perMinute = perMinute
    this.#clock = clock
  }

  /** Takes one, if there is one left. */
  take(key: string): boolean {
    const now = this.#clock.now()
    const bucket = this.#buckets.get(key) ?? { left: this.#perMinute, at: now }
    bucket.left = this.#leftAt(bucket, now)
    bucket.at = now
    if (bucket.left < 1) return false
    bucket.left -= 1
    if (this.#buckets.size >= mostBuckets) this.#sweep(now)
    this.#buckets.set(key, bucket)
    return true
  }

  #leftAt({ left, at }: Bucket, now: number): number {
    return Math.min(this.#perMinute, left + ((now - at) / 60_000) * this.#perMinute)
  }

  #sweep(now: number): void {
    for (const [key, bucket] of this.#buckets) {
      if (this.#leftAt(bucket, now) >= this.#perMinute) this.#buckets.delete(key)
    }
  }
}
