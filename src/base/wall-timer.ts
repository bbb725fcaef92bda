import type { Clock } from './clock.ts'

/** How late it is noticed at most that the time of day was set. */
const lookMs = 30_000

/** Calls back once when the time of day is `wallMs` (since 1970) or later; as `outsideWallTimes`. */
export function atWallTime(clock: Clock, wallMs: number, callback: () => void): () => void {
  return outsideWallTimes(clock, { from: Number.NEGATIVE_INFINITY, to: wallMs }, callback)
}

/**
 * Calls back once when the time of day (milliseconds since 1970) is `to` or later, or before `from`, also when somebody
 * sets it or the machine slept; the result cancels it.
 */
export function outsideWallTimes(
  clock: Clock,
  { from, to }: { readonly from: number; readonly to: number },
  callback: () => void,
): () => void {
  let cancel = () => {}
  const waitMs = () => Math.max(0, Math.min(to - clock.wall(), lookMs))
  const look = () => {
    const now = clock.wall()
    if (now >= to || now < from) callback()
    else cancel = clock.after(waitMs(), look)
  }
  cancel = clock.after(waitMs(), look)
  return () => cancel()
}
