import { setTimeout } from 'node:timers/promises'
import type { V1Probe } from '@kubernetes/client-node'

export type ProbeKind = 'startupProbe' | 'readinessProbe' | 'livenessProbe'

export interface FollowedProbe {
  readonly once: () => Promise<boolean>
  readonly isOver: () => boolean
  readonly signal: AbortSignal
  /** Is told the first outcome, and each change: failures count after their threshold. */
  readonly onOutcome: (passed: boolean) => void
}

/** Until it was a success a probe is tried more often than its period, within the same time. */
const impatientMs = 200

/** Tries a probe until its container is over. */
export async function followProbe(wanted: V1Probe, followed: FollowedProbe): Promise<void> {
  const { once, isOver, signal, onOutcome } = followed
  const { initialDelaySeconds = 0, periodSeconds = 10, failureThreshold = 3 } = wanted
  const periodMs = periodSeconds * 1_000
  const pause = (ms: number) => setTimeout(ms, undefined, { signal }).catch(() => {})
  let outcome: boolean | undefined
  let goodUntil = performance.now() + initialDelaySeconds * 1_000 + failureThreshold * periodMs
  await pause(initialDelaySeconds * 1_000)
  while (!signal.aborted && !isOver()) {
    const passed = await once()
    if (passed) goodUntil = performance.now() + failureThreshold * periodMs
    const isLate = performance.now() > goodUntil
    if ((passed || isLate) && passed !== outcome && !isOver()) {
      outcome = passed
      onOutcome(passed)
    }
    await pause(outcome ? periodMs : Math.min(periodMs, impatientMs))
  }
}
