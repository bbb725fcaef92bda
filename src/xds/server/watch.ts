import type { EncodedResponse } from './encoded-response.ts'
import type { Exchange, Receipt } from './exchange.ts'
import type { ProxyScope } from './ports.ts'
import type { Revision } from './revision-log.ts'

/** One type that a stream subscribes to: a state machine without I/O. */
export interface Watch<Request extends Receipt> {
  readonly typeUrl: string
  readonly exchange: Exchange
  /** Of the changes before, nothing matters to it; infinite when none matter at all. */
  readonly needs: Revision
  /** How many names it subscribes to, or everything. */
  readonly interest: number | 'all'
  /** It says something about the other types, and is sent when these have nothing to say. */
  readonly comesLast?: boolean
  /** @throws {SubscriptionLimitError} when it asks for more than it may. */
  receive(request: Request): void
  /** There is something new, and perhaps the client may see something else than before. */
  notice(change: { readonly scope?: ProxyScope; readonly tables?: true }): void
  /** The response that is due, encoded, when there is one. */
  next(): DueResponse
}

/** What a watch wants sent now. */
export type DueResponse =
  | EncodedResponse
  /** It was busy, and wants to be asked again soon. */
  | 'later'
  /** Nothing is due until something happens. */
  | 'nothing'
