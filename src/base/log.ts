import { type DestinationStream, pino } from 'pino'

/** Every field name that a log line may carry, so that one thing has one name everywhere. */
export interface LogFields {
  readonly address?: string
  readonly attempts?: number
  readonly client?: string
  readonly code?: string
  readonly column?: number
  readonly count?: number
  readonly durationMs?: number
  readonly endpoint?: string
  readonly error?: unknown
  readonly file?: string
  readonly hint?: string | undefined
  readonly host?: string
  readonly line?: number
  readonly mode?: string
  readonly name?: string
  readonly namespace?: string
  readonly object?: string
  readonly path?: string
  readonly pid?: number
  /** NAMESPACE/NAME. */
  readonly pod?: string
  readonly port?: number
  readonly rcode?: string
  readonly reason?: string
  readonly server?: string
  readonly servers?: readonly string[]
  readonly services?: number
  readonly signal?: string
  readonly type?: string
}

type Write = (fields: LogFields, message: string) => void

/** error: a person must act; warn: degraded but serving; info: life cycle; debug: a line per query. */
export interface Log {
  readonly error: Write
  readonly warn: Write
  readonly info: Write
  readonly debug: Write
}

export const logLevels = ['error', 'warn', 'info', 'debug', 'silent'] as const
export type LogLevel = (typeof logLevels)[number]

/** A log whose level may change. */
export interface LevelledLog extends Log {
  level: LogLevel
}

/** Structured lines (JSON, one a line) from `level` upwards to `destination`. */
export function createLog(level: LogLevel, destination: DestinationStream): LevelledLog {
  const log = pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      serializers: { error: describeError },
    },
    destination,
  )
  return log as LevelledLog
}

function describeError(error: unknown): unknown {
  if (!(error instanceof Error)) return error
  const { code, hint } = error as { code?: unknown; hint?: unknown }
  const cause = error.cause === undefined ? undefined : describeError(error.cause)
  return { message: error.message, code, hint, cause }
}

export const silentLog: Log = { error() {}, warn() {}, info() {}, debug() {} }
