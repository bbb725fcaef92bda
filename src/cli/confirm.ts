import { createInterface } from 'node:readline/promises'
import type { Invocation, OptionSpec } from './command.ts'
import { UsageError } from './usage-error.ts'

export const yesOption: OptionSpec = {
  flags: '-y, --skip-confirmation',
  summary: 'do not ask first',
}

/**
 * Asks a person whether to go on; true at once with `-y`.
 * @throws {UsageError} when nobody is there to be asked.
 */
export async function confirm({ options, io }: Invocation, question: string): Promise<boolean> {
  if (options.has('skip-confirmation')) return true
  const { stdin, stderr } = io
  if (!('isTTY' in stdin) || stdin.isTTY !== true || options.texts('file').includes('-')) {
    throw new UsageError('nobody is there to be asked', { hint: 'Say so beforehand with -y.' })
  }
  const lines = createInterface({ input: stdin, output: stderr })
  try {
    return /^(y|yes)$/i.test((await lines.question(`${question} (y/N) `)).trim())
  } finally {
    lines.close()
  }
}
