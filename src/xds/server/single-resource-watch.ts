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

/** The encoded resource of a type that has one only, and what it is called. */
export interface SingleResource {
  readonly octets: Uint8Array
  readonly version: string
}

/** How the resource is put into a response, in either variant of the protocol. */
export type SingleFrame = (envelope: Envelope, resource: SingleResource) => EncodedResponse

export const deltaSingle: SingleFrame = (envelope, { octets, version }) => {
  const resources = [namelessResource(version, anyOf(envelope.typeUrl, octets))]
  return deltaResponse(envelope, { resources, removed: [], moreToCome: false })
}

export const wholeSingle: SingleFrame = (envelope, { octets }) =>
  wholeResponse(envelope, [anyOf(envelope.typeUrl, octets)])

/** What of a type with one resource is watched. */
export interface Single {
  readonly typeUrl: string
  readonly frame: SingleFrame
  /** It says something about the other types, and comes after them. */
  readonly comesLast?: true
  /** `undefined` while there is none. */
  resource(): SingleResource | undefined
}

/** A type of which there is one resource, always whole: the table of names that Istio's agents answer from, or a cluster. */
export class SingleResourceWatch implements Watch<Receipt> {
  readonly typeUrl: string
  readonly exchange: Exchange
  readonly needs = Number.POSITIVE_INFINITY
  readonly interest = 'all'
  readonly comesLast: boolean
  readonly #single: Single
  #stale = false
  #owesWord = false

  constructor(exchange: Exchange, single: Single) {
    this.exchange = exchange
    this.typeUrl = single.typeUrl
    this.comesLast = single.comesLast ?? false
    this.#single = single
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
    const resource = this.#single.resource()
    if (!resource) return 'nothing'
    this.#stale = false
    const { version } = resource
    if (version === this.exchange.sent?.version && !this.#owesWord) return 'nothing'
    this.#owesWord = false
    const { nonce } = this.exchange.send(version)
    return this.#single.frame({ typeUrl: this.typeUrl, version, nonce }, resource)
  }
}
