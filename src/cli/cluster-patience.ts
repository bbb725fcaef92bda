import { setTimeout } from 'node:timers/promises'
import { tryParseDuration } from '../config/go-duration.ts'
import { Patience } from '../install/cluster/wait/patience.ts'
import type { Invocation, OptionSpec } from './command.ts'
import { printable } from './table.ts'
import { UsageError } from './usage-error.ts'

export const patienceOption: OptionSpec = {
  flags: '--readiness-timeout <duration>',
  summary: 'how long to wait for everything, such as 90s or 5m',
  fallback: '5m',
}

/** @throws {UsageError} when the time makes no sense. */
export function readPatience({ options, io }: Invocation): Patience {
  const text = options.text('readiness-timeout') ?? '5m'
  const limitMs = tryParseDuration(text)
  if (limitMs === undefined || limitMs < 0) {
    throw new UsageError(`${text} is not a duration`, {
      hint: 'Write a number with a unit, such as --readiness-timeout 90s.',
    })
  }
  return new Patience({
    clock: io.clock,
    limitMs,
    pause: (delayMs) => setTimeout(delayMs),
    say: (line) => void io.stdout.write(`${printable(line)}\n`),
  })
}
