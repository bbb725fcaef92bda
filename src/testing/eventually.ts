import { setTimeout } from 'node:timers/promises'

/** Far beyond what anything takes, so that a hang becomes a failure. */
const patienceMs = 300_000

/**
 * Tries again and again, until the check returns something else than false and does not throw.
 * @throws {unknown} what it threw last, when that takes too long.
 */
export async function eventually(
  check: () => Promise<boolean | void> | boolean | void,
): Promise<void> {
  const end = performance.now() + patienceMs
  for (;;) {
    try {
      if ((await check()) !== false) return
      throw new Error(`never became true: ${String(check)}`)
    } catch (error) {
      if (performance.now() > end) throw error
    }
    await setTimeout(50)
  }
}
