import type { Exchange, Receipt } from './exchange.ts'
import { deltaResponse } from './response-octets.ts'
import type { DueResponse, Watch } from './watch.ts'

/** A type of which there is nothing, for clients that serve nobody until they were told so (ztunnel). */
export class EmptyWatch implements Watch<Receipt> {
  readonly typeUrl: string
  readonly exchange: Exchange
  readonly needs = Number.POSITIVE_INFINITY
  readonly interest = 0
  #owesWord = false

  constructor(typeUrl: string, exchange: Exchange) {
    this.typeUrl = typeUrl
    this.exchange = exchange
  }

  receive({ responseNonce }: Receipt): void {
    if (responseNonce === '') this.#owesWord = true
  }

  notice(): void {}

  next(): DueResponse {
    if (!this.#owesWord || this.exchange.isWaiting) return 'nothing'
    this.#owesWord = false
    const version = 'none'
    const { nonce } = this.exchange.send(version)
    const envelope = { typeUrl: this.typeUrl, version, nonce }
    return deltaResponse(envelope, { resources: [], removed: [], moreToCome: false })
  }
}
