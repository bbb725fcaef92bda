import type { Clock } from '../../base/clock.ts'
import type { Log, LogFields } from '../../base/log.ts'
import type { Meters } from '../../base/meters.ts'
import { Seldom } from '../../base/seldom.ts'
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
  /** Frames that HTTP/2 does not allow, or too many of those that it does. */
  | 'http2_misused'
  | 'message_too_large'
  | 'message_not_understood'
  | 'too_many_streams'
  /** Or names that are too long. */
  | 'too_many_names'
  /** Neither a certificate nor a token shows who it is. */
  | 'not_authenticated'
  /** It claims to be somebody else. */
  | 'identity_mismatch'
  | 'node_not_understood'
  | 'not_acknowledged'
  /** Those who follow proxies do not want it. */
  | 'not_accepted'

/** Tells of refusals and counts them, without letting a flood of them fill the log. */
export class Refusals {
  readonly #log: Log
  readonly #meters: Meters
  readonly #seldom: Seldom

  constructor(log: Log, clock: Clock, meters: Meters) {
    this.#log = log
    this.#meters = meters
    this.#seldom = new Seldom(clock)
  }

  /** We refused a client. */
  tell(reason: RefusalReason, fields: LogFields): void {
    this.#meters.cell(xdsRefusals, reason).value += 1
    const count = this.#seldom.countToTell(reason)
    if (count > 0) this.#log.warn({ ...fields, reason, count }, 'refused an xds client')
  }

  /** A client refused a response. */
  tellOfNack(fields: LogFields): void {
    const count = this.#seldom.countToTell(`nack ${fields.type}`)
    if (count > 0) this.#log.warn({ ...fields, count }, 'a proxy refused a response')
  }
}
