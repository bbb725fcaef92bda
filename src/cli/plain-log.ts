import { CodedError } from '../base/coded-error.ts'
import { type Log, type LogFields, type LogLevel, logLevels } from '../base/log.ts'
import { causesOf } from './print-error.ts'
import { printableLines } from './table.ts'

/** Log lines from a level upwards for people who look on, in place of JSON for programs. */
export function createPlainLog(from: LogLevel, stream: NodeJS.WritableStream): Log {
  const at = (level: Exclude<LogLevel, 'silent'>) => {
    if (from === 'silent' || logLevels.indexOf(level) > logLevels.indexOf(from)) return () => {}
    return (fields: LogFields, message: string) => {
      stream.write(`meshdns: ${level}: ${printableLines(formatLine(fields, message))}\n`)
    }
  }
  return { error: at('error'), warn: at('warn'), info: at('info'), debug: at('debug') }
}

/** `message: place: object: reason: error (other=fields)`, then the hint on a line of its own. */
function formatLine(fields: LogFields, message: string): string {
  const { file, line, column, object, reason, error, hint, ...others } = fields
  const place = [file, line, column].filter((part) => part !== undefined).join(':')
  const causes = error === undefined ? [] : causesOf({ cause: error })
  const parts = [message, place, object, reason, ...causes]
  const text = parts.filter((part) => part !== undefined && part !== '').join(': ')
  const rest = Object.entries(others)
    .filter(([, value]) => value !== undefined && value !== '')
    .map(([name, value]) => `${name}=${formatValue(value)}`)
  const full = rest.length === 0 ? text : `${text} (${rest.join(' ')})`
  const advice = hint ?? (error instanceof CodedError ? error.hint : undefined)
  return advice === undefined ? full : `${full}\n  hint: ${advice}`
}

function formatValue(value: unknown): string {
  if (Array.isArray(value)) return value.join(',')
  return typeof value === 'number' ? `${Math.round(value * 1_000) / 1_000}` : String(value)
}
