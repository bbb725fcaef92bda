import { setImmediate, setTimeout } from 'node:timers/promises'

/** Far beyond what anything takes, so that a hang becomes a failure. */
const patienceMs = 300_000
/** From then on what is waited for has the processor to itself, most of the time. */
const hurryMs = 1_000

/** Waits, a turn of the event loop at a time, until the condition holds. */
export async function until(condition: () => boolean): Promise<void> {
  const start = performance.now()
  while (!condition()) {
    const waitedMs = performance.now() - start
    if (waitedMs > patienceMs) throw new Error(`never became true: ${String(condition)}`)
    await (waitedMs < hurryMs ? setImmediate() : setTimeout(1))
  }
}
