import { setImmediate } from 'node:timers/promises'

/** Far beyond what anything takes, so that a hang becomes a failure. */
const patienceMs = 300_000

/** Waits, a turn of the event loop at a time, until the condition holds. */
export async function until(condition: () => boolean): Promise<void> {
  const end = performance.now() + patienceMs
  while (!condition()) {
    if (performance.now() > end) throw new Error(`never became true: ${String(condition)}`)
    await setImmediate()
  }
}
