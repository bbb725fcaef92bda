/** Where time comes from; below the roof nobody asks the machine itself. */
export interface Clock {
  /** Milliseconds since an arbitrary moment; never goes backwards. */
  now(): number
  /** Milliseconds since 1970, as people and files count; may jump. */
  wall(): number
  /** Calls back once after `delayMs`, or after 24 days; the result cancels it. Does not keep the process alive. */
  after(delayMs: number, callback: () => void): () => void
}

/** Node takes a longer time for none at all. */
const longestMs = 2 ** 31 - 1

export const systemClock: Clock = {
  now: () => performance.now(),
  wall: () => Date.now(),
  after(delayMs, callback) {
    const timer = setTimeout(callback, Math.min(delayMs, longestMs))
    timer.unref()
    return () => clearTimeout(timer)
  },
}
