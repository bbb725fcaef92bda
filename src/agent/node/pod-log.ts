import type { Log, LogFields } from '../../base/log.ts'

/** A log whose lines say which pod they are about. */
export function podLog(log: Log, pod: string): Log {
  const write = (level: keyof Log) => (fields: LogFields, message: string) => {
    log[level]({ pod, ...fields }, message)
  }
  return { error: write('error'), warn: write('warn'), info: write('info'), debug: write('debug') }
}
