import type { CommandIo } from './command-io.ts'

const pauseMs = 200
const slowMs = 1_000

export interface Waiting {
  /** For people, after «waiting»: `for the agent to be ready`. */
  readonly what: string
  readonly limitMs: number
}

/**
 * Asks again and again until it is so; false when it is not in time. Says what is waited for when
 * it takes more than a second.
 */
export async function waitUntil(
  isSo: () => Promise<boolean>,
  { what, limitMs }: Waiting,
  { clock, stderr }: Pick<CommandIo, 'clock' | 'stderr'>,
): Promise<boolean> {
  // Timers of a clock do not keep the process alive.
  const hold = setInterval(() => {}, 60_000)
  try {
    return await ask(isSo, { what, limitMs }, { clock, stderr })
  } finally {
    clearInterval(hold)
  }
}

async function ask(
  isSo: () => Promise<boolean>,
  { what, limitMs }: Waiting,
  { clock, stderr }: Pick<CommandIo, 'clock' | 'stderr'>,
): Promise<boolean> {
  const start = clock.now()
  let isTold = false
  for (;;) {
    if (await isSo()) return true
    const passedMs = clock.now() - start
    if (passedMs >= limitMs) return false
    if (passedMs >= slowMs && !isTold) {
      isTold = true
      stderr.write(`waiting ${what}, for up to ${Math.round(limitMs / 1_000)} seconds\n`)
    }
    await new Promise<void>((resolve) => clock.after(pauseMs, resolve))
  }
}
