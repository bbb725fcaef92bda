import type { Clock } from '../../base/clock.ts'
import type { Log, LogFields } from '../../base/log.ts'
import type { Meters } from '../../base/meters.ts'
import { xdsRefusals } from './meters.ts'

/** Why a connection or stream is refused or ended; label of a metric and `reason` of a log line. */
export type RefusalReason =
  | 'too_many_connections'
  | 'too_many_connections_of_address'
  | 'too_many_new_connections_of_address'
  /** Not finished in time, not TLS, or a version that is too old. */
  | 'tls_handshake'
  /** No call on a connection, or no message on a call, in time. */
  | 'no_request'
  /** Something else than HTTP/2 was said, or nothing more after that. */
  | 'not_http2'
  | 'message_too_large'
  | 'message_not_understood'
  | 'too_many_streams'
  | 'too_many_names'
  /** Neither a certificate nor a token shows who it is. */
  | 'not_authenticated'
  /** It claims to be somebody else. */
  | 'identity_mismatch'
  | 'node_not_understood'
  | 'not_acknowledged'
  /** Those who follow proxies do not want it. */
  | 'not_accepted'

/** The same reason is told once in this time, then with its count. */
const quietMs = 1_000

interface Told {
  readonly at: number
  untold: number
}

/** Tells of refusals and counts them, without letting a flood of them fill the log. */
export class Refusals {
  readonly #log: Log
  readonly #clock: Clock
  readonly #meters: Meters
  readonly #told = new Map<string, Told>()

  constructor(log: Log, clock: Clock, meters: Meters) {
    this.#log = log
    this.#clock = clock
    this.#meters = meters
  }

  /** We refused a client. */
  tell(reason: RefusalReason, fields: LogFields): void {
    this.#meters.cell(xdsRefusals, reason).value += 1
    const count = this.#countToTell(reason)
    if (count > 0) this.#log.warn({ ...fields, reason, count }, 'refused an xds client')
  }

  /** A client refused a response. */
  tellOfNack(fields: LogFields): void {
    const count = this.#countToTell(`nack ${fields.type}`)
    if (count > 0) this.#log.warn({ ...fields, count }, 'a proxy refused a response')
  }

  /** How many there were since it was told last; 0 when that is too early. */
  #countToTell(key: string): number {
    const now = this.#clock.now()
    const told = this.#told.get(key)
    if (told && now - told.at < quietMs) {
      told.untold += 1
      return 0
    }
    this.#told.set(key, { at: now, untold: 0 })
    return (told?.untold ?? 0) + 1
  }
}
