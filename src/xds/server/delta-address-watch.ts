import { typeUrls } from '../type-url.ts'
import type { AddressCollection } from './address-collection.ts'
import { AddressFeed, everything, type Interest } from './address-feed.ts'
import type { DeltaRequest } from './delta-request.ts'
import type { Claims } from './everything-walk.ts'
import type { Exchange } from './exchange.ts'
import { Page } from './page.ts'
import type { ProxyScope } from './ports.ts'
import { deltaResponse } from './response-octets.ts'
import type { Revision } from './revision-log.ts'
import { checkCount, checkNames, SubscriptionLimitError } from './subscription-limit.ts'
import type { DueResponse, Watch } from './watch.ts'

/** A client wants everything from the beginning, or never. */
const maxTurns = 16

/** What the address watches of a server have in common. */
export interface AddressWatchPorts {
  readonly collection: AddressCollection
  readonly maxNames: number
  /** Of the resources of one delta response, give or take the last of them. */
  readonly pageOctets: number
}

/** Services and workloads in the delta variant: a change costs what changed. */
export class DeltaAddressWatch implements Watch<DeltaRequest> {
  readonly typeUrl = typeUrls.address
  readonly exchange: Exchange
  readonly #ports: AddressWatchPorts
  /** How often it said that it wants everything, or not any more, after its first request. */
  #turns = 0
  #scope: ProxyScope
  #feed: AddressFeed | undefined
  /** Whether a response must be sent even if it says nothing, so that the client knows it has all. */
  #owesWord = false

  constructor(exchange: Exchange, scope: ProxyScope, ports: AddressWatchPorts) {
    this.exchange = exchange
    this.#scope = scope
    this.#ports = ports
  }

  get needs(): Revision {
    return this.#feed?.needs ?? Number.POSITIVE_INFINITY
  }

  get interest(): number | 'all' {
    return this.#feed?.wantsEverything ? 'all' : (this.#feed?.names ?? 0)
  }

  receive(request: DeltaRequest): void {
    const interest: Interest = {
      subscribe: request.resourceNamesSubscribe,
      unsubscribe: request.resourceNamesUnsubscribe,
    }
    checkNames(interest.subscribe)
    checkNames(interest.unsubscribe)
    if (this.#feed) {
      this.#countTurn(interest)
      this.#feed.change(interest)
    } else {
      const claims = checked(request.claims)
      const { collection } = this.#ports
      this.#feed = new AddressFeed(collection, this.#scope, { ...interest, claims })
      this.#owesWord = this.#feed.wantsEverything
    }
    const { names, owed } = this.#feed
    checkCount(Math.max(names, owed), this.#ports.maxNames)
  }

  /** All that there is may have to be gone through each time. */
  #countTurn({ subscribe, unsubscribe }: Interest): void {
    if (!subscribe.includes(everything) && !unsubscribe.includes(everything)) return
    this.#turns += 1
    if (this.#turns <= maxTurns) return
    throw new SubscriptionLimitError(`everything, and not everything, more than ${maxTurns} times`)
  }

  notice({ scope }: { readonly scope?: ProxyScope }): void {
    if (!scope) return
    this.#scope = scope
    this.#feed?.rescope(scope)
  }

  next(): DueResponse {
    if (!this.#feed || this.exchange.isWaiting) return 'nothing'
    const page = new Page(this.#ports.pageOctets)
    const complete = this.#feed.advance(page)
    if (page.isEmpty && !complete) return 'later'
    if (page.isEmpty && !this.#owesWord) return 'nothing'
    this.#owesWord = !complete
    const version = String(this.#ports.collection.revision)
    const { nonce } = this.exchange.send(version)
    const resources = Array.from(page.resources, ({ octets }) => octets)
    const { removed, framed } = page
    const content = { resources, removed, moreToCome: !complete, ...(framed ? { framed } : {}) }
    return deltaResponse({ typeUrl: this.typeUrl, version, nonce }, content)
  }
}

/** @throws {SubscriptionLimitError} when one of the names cannot be that of anything. */
function* checked(claims: Claims): Generator<readonly [name: string, version: string]> {
  for (const claim of claims) {
    checkNames([claim[0]])
    yield claim
  }
}
