import type { Clock } from '../base/clock.ts'

/** What a command may touch of its process. */
export interface CommandIo {
  readonly stdin: NodeJS.ReadableStream
  readonly stdout: NodeJS.WritableStream
  readonly stderr: NodeJS.WritableStream
  readonly env: Readonly<Record<string, string | undefined>>
  readonly clock: Clock
  /** Whether `stdout` may be coloured. */
  readonly color: boolean
}

interface Terminal {
  readonly isTTY?: boolean
}

/** Colour only where a person looks, and not against their word (no-color.org). */
export function wantsColor(
  stream: Terminal,
  env: Readonly<Record<string, string | undefined>>,
): boolean {
  if ((env['NO_COLOR'] ?? '') !== '') return false
  if ((env['FORCE_COLOR'] ?? '') !== '') return env['FORCE_COLOR'] !== '0'
  return stream.isTTY === true && env['TERM'] !== 'dumb'
}
