import { beginningOf } from '../../base/beginning-of.ts'
import type { Clock } from '../../base/clock.ts'

/** What a request means for the last response; `again` when that had its receipt before. */
export type Reception = 'fresh' | 'ack' | 'nack' | 'again' | 'stale'

/** A response, as far as it is remembered. */
export interface SentResponse {
  readonly nonce: string
  readonly version: string
  /** By the monotonic clock, in milliseconds. */
  readonly at: number
}

/** What a client said when it refused a response. */
export interface RefusedResponse {
  readonly version: string
  readonly reason: string
  /** Milliseconds since 1970. */
  readonly at: number
}

/** What a request says of a response: its nonce, and what was wrong with it. */
export interface Receipt {
  readonly responseNonce: string
  readonly errorDetail?: { readonly message: string } | undefined
}

/** How much of a client's words is kept and logged. */
const maxReasonLength = 500

/** Who said what last, on one type of one stream: at most one response waits for its receipt. */
export class Exchange {
  readonly #clock: Clock
  /** Before the number in each nonce; other streams have others. */
  readonly #stream: string
  #count = 0
  #sent: SentResponse | undefined
  #waiting = false
  #ackedVersion: string | undefined
  #ackedAt: number | undefined
  #refused: RefusedResponse | undefined
  #refusals = 0
  #refusedLast = false

  constructor(clock: Clock, stream: string) {
    this.#clock = clock
    this.#stream = stream
  }

  /** The last response, whether or not it was acknowledged. */
  get sent(): SentResponse | undefined {
    return this.#sent
  }

  /** Whether the last response still waits for its receipt. */
  get isWaiting(): boolean {
    return this.#waiting
  }

  get ackedVersion(): string | undefined {
    return this.#ackedVersion
  }

  /** Of the last acknowledgement, in milliseconds since 1970. */
  get ackedAt(): number | undefined {
    return this.#ackedAt
  }

  get refused(): RefusedResponse | undefined {
    return this.#refused
  }

  /** Whether the last receipt was a refusal. */
  get refusedLast(): boolean {
    return this.#refusedLast
  }

  get refusals(): number {
    return this.#refusals
  }

  /** Numbers the response that is sent now. */
  send(version: string): SentResponse {
    this.#count += 1
    this.#sent = { nonce: `${this.#stream}.${this.#count}`, version, at: this.#clock.now() }
    this.#waiting = true
    return this.#sent
  }

  /** A receipt for anything but the last response means nothing any more. */
  receive({ responseNonce, errorDetail }: Receipt): Reception {
    if (responseNonce === '') return 'fresh'
    if (!this.#sent || responseNonce !== this.#sent.nonce) return 'stale'
    if (!this.#waiting) return 'again'
    this.#waiting = false
    const { version } = this.#sent
    this.#refusedLast = errorDetail !== undefined
    if (!errorDetail) {
      this.#ackedVersion = version
      this.#ackedAt = this.#clock.wall()
      return 'ack'
    }
    const reason = beginningOf(errorDetail.message, maxReasonLength)
    this.#refused = { version, reason, at: this.#clock.wall() }
    this.#refusals += 1
    return 'nack'
  }

  /** The client asks anew instead of a receipt. */
  abandon(): void {
    this.#waiting = false
  }
}
