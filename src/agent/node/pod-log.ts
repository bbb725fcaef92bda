import type { Log } from '../../base/log.ts'

/** A log whose lines say which pod they are about. */
export function podLog(log: Log, pod: string): Log {
  return {
    error: (fields, message) => log.error({ pod, ...fields }, message),
    warn: (fields, message) => log.warn({ pod, ...fields }, message),
    info: (fields, message) => log.info({ pod, ...fields }, message),
    debug: (fields, message) => log.debug({ pod, ...fields }, message),
  }
}
