import type { Clock } from '../base/clock.ts'

export interface DnsDrainPorts {
  readonly clock: Clock
  /** Questions that wait for an upstream. */
  readonly pending: () => number
}

/** How long clients are waited for, and how often it is looked. */
const drainMs = 5_000
const lookEveryMs = 20

/** Returns when every question that was caught has its answer, or when that takes too long. */
export async function drainDns({ clock, pending }: DnsDrainPorts): Promise<void> {
  const endMs = clock.now() + drainMs
  while (pending() > 0 && clock.now() < endMs) {
    await new Promise<void>((resolve) => {
      clock.after(lookEveryMs, resolve)
    })
  }
}
