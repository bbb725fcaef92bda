import type { CommanderError } from 'commander'
import { CodedError } from '../base/coded-error.ts'

/** The words make no sense; nothing was tried. */
export class UsageError extends CodedError {
  override readonly code = 'CLI_USAGE'
}

/** Commander's complaint in our form; its «did you mean» becomes the hint. */
export function usageErrorOf(error: CommanderError, command: string): UsageError {
  const [first = '', ...rest] = error.message.split('\n')
  const suggestion = /^\((.*\?)\)$/.exec(rest.join(' ').trim())?.[1]
  const hint = suggestion ?? `See: ${command} --help`
  return new UsageError(first.replace(/^error: /, ''), { hint })
}
