import type { Clock } from './clock.ts'

/** How late it is noticed at most that the time of day was set forward. */
const lookMs = 30_000

/**
 * Calls back once when the time of day is `wallMs` (since 1970) or later, also when somebody sets it forward or the
 * machine slept; the result cancels it.
 */
export function atWallTime(clock: Clock, wallMs: number, callback: () => void): () => void {
  let cancel = () => {}
  const look = () => {
    const leftMs = wallMs - clock.wall()
    if (leftMs <= 0) callback()
    else cancel = clock.after(Math.min(leftMs, lookMs), look)
  }
  cancel = clock.after(Math.max(0, Math.min(wallMs - clock.wall(), lookMs)), look)
  return () => cancel()
}
