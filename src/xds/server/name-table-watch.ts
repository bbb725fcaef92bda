import { typeUrls } from '../type-url.ts'
import type { EncodedResponse } from './encoded-response.ts'
import type { Exchange, Receipt } from './exchange.ts'
import {
  anyOf,
  deltaResponse,
  type Envelope,
  namelessResource,
  wholeResponse,
} from './response-octets.ts'
import type { DueResponse, Watch } from './watch.ts'

/** An encoded `NameTable`, and what it is called. */
export interface NameTableOctets {
  readonly octets: Uint8Array
  readonly version: string
}

/** How a table is put into a response, in either variant of the protocol. */
export type TableFrame = (envelope: Envelope, table: NameTableOctets) => EncodedResponse

export const deltaTable: TableFrame = (envelope, { octets, version }) => {
  const resources = [namelessResource(version, anyOf(envelope.typeUrl, octets))]
  return deltaResponse(envelope, { resources, removed: [], moreToCome: false })
}

export const wholeTable: TableFrame = (envelope, { octets }) =>
  wholeResponse(envelope, [anyOf(envelope.typeUrl, octets)])

/** The table of names that Istio's agents answer from: one resource, always whole. */
export class NameTableWatch implements Watch<Receipt> {
  readonly typeUrl = typeUrls.nameTable
  readonly exchange: Exchange
  readonly needs = Number.POSITIVE_INFINITY
  readonly interest = 'all'
  readonly #table: () => NameTableOctets
  readonly #frame: TableFrame
  #stale = false
  #owesWord = false

  constructor(exchange: Exchange, table: () => NameTableOctets, frame: TableFrame) {
    this.exchange = exchange
    this.#table = table
    this.#frame = frame
  }

  receive({ responseNonce }: Receipt): void {
    if (responseNonce !== '') return
    this.exchange.abandon()
    this.#owesWord = true
  }

  notice({ tables }: { readonly tables?: true }): void {
    if (tables) this.#stale = true
  }

  next(): DueResponse {
    const isDue = this.#owesWord || (this.#stale && this.exchange.sent)
    if (!isDue || this.exchange.isWaiting) return 'nothing'
    const table = this.#table()
    this.#stale = false
    if (table.version === this.exchange.sent?.version && !this.#owesWord) return 'nothing'
    this.#owesWord = false
    const { nonce } = this.exchange.send(table.version)
    const envelope = { typeUrl: this.typeUrl, version: table.version, nonce }
    return this.#frame(envelope, table)
  }
}
