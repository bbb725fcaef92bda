/** Where time comes from; below the roof nobody asks the machine itself. */
export interface Clock {
  /** Milliseconds since an arbitrary moment; never goes backwards. */
  now(): number
  /** Milliseconds since 1970, as people and files count; may jump. */
  wall(): number
  /** Calls back once after `delayMs`; the result cancels it. Does not keep the process alive. */
  after(delayMs: number, callback: () => void): () => void
}

export const systemClock: Clock = {
  now: () => performance.now(),
  wall: () => Date.now(),
  after(delayMs, callback) {
    const timer = setTimeout(callback, delayMs)
    timer.unref()
    return () => clearTimeout(timer)
  },
}
