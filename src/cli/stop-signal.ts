import type { Clock } from '../base/clock.ts'
import type { SignalTarget } from '../sandbox/signals.ts'

/**
 * How long another signal means the same wish: a terminal and a service manager tell every process
 * of ours, and a parent passes on what it was told.
 */
const sameWishMs = 1_000

const stopping = ['SIGTERM', 'SIGINT'] as const

/** The first signal that asks the process to stop; from a second later on, another ends it at once. */
export function stopSignal(source: SignalTarget, clock: Clock): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    let isAsked = false
    const hear = (signal: NodeJS.Signals) => {
      resolve(signal)
      if (isAsked) return
      isAsked = true
      clock.after(sameWishMs, () => {
        for (const one of stopping) source.off(one, hear)
      })
    }
    for (const one of stopping) source.on(one, hear)
  })
}
