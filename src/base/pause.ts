import type { Clock } from './clock.ts'

/** Waits, but no longer than until the signal. */
export async function pause(ms: number, clock: Clock, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return
  const { promise, resolve } = Promise.withResolvers<void>()
  const end = () => resolve()
  const cancel = clock.after(ms, end)
  signal.addEventListener('abort', end)
  await promise
  cancel()
  signal.removeEventListener('abort', end)
}
