import { typeUrls } from '../type-url.ts'
import type { Receipt, Reception } from './exchange.ts'
import type { ProxyScope } from './ports.ts'
import type { Revision } from './revision-log.ts'
import type { DueResponse, Watch } from './watch.ts'

/** A request of either variant. */
export interface StreamRequest extends Receipt {
  readonly typeUrl: string
}

/** What a client said of a response, and which version it had acknowledged before. */
export interface WatchReceipt {
  readonly reception: 'ack' | 'nack'
  readonly ackedBefore: string | undefined
}

export interface XdsStreamPorts<Request extends StreamRequest> {
  /** `undefined` for types that we have nothing of. */
  createWatch(typeUrl: string): Watch<Request> | undefined
  /** A client answered the last response of a watch. */
  onReceipt(watch: Watch<Request>, receipt: WatchReceipt): void
  healthReported(report: { readonly healthy: boolean; readonly message: string }): void
}

/** One stream after its beginning: all types together, without I/O. */
export class XdsStream<Request extends StreamRequest> {
  readonly #ports: XdsStreamPorts<Request>
  readonly #watches = new Map<string, Watch<Request>>()

  constructor(ports: XdsStreamPorts<Request>) {
    this.#ports = ports
  }

  get watches(): Iterable<Watch<Request>> {
    return this.#watches.values()
  }

  /** Of the changes before, nothing matters to this stream. */
  get needs(): Revision {
    return Math.min(...Array.from(this.#watches.values(), ({ needs }) => needs))
  }

  /**
   * Types that we have nothing of are passed over, as an Istio agent asks for all of them.
   * @throws {SubscriptionLimitError} when it asks for more than it may.
   */
  receive(request: Request): void {
    const { typeUrl, errorDetail } = request
    if (typeUrl === typeUrls.health) {
      const message = errorDetail?.message ?? ''
      this.#ports.healthReported({ healthy: errorDetail === undefined, message })
      return
    }
    const watch = this.#watches.get(typeUrl) ?? this.#ports.createWatch(typeUrl)
    if (!watch) return
    this.#watches.set(typeUrl, watch)
    const { ackedVersion: ackedBefore } = watch.exchange
    const reception: Reception = watch.exchange.receive(request)
    if (reception === 'ack' || reception === 'nack') {
      this.#ports.onReceipt(watch, { reception, ackedBefore })
    }
    if (reception !== 'stale' || 'resourceNamesSubscribe' in request) watch.receive(request)
  }

  notice(change: { readonly scope?: ProxyScope; readonly tables?: true }): void {
    for (const watch of this.#watches.values()) watch.notice(change)
  }

  /** The next response that is due on any type. */
  next(): DueResponse {
    let due: DueResponse = 'nothing'
    let isQuiet = true
    for (const watch of this.#watches.values()) {
      if (watch.comesLast) continue
      const response = watch.next()
      if (typeof response !== 'string') return response
      if (response === 'later') due = 'later'
      if (response === 'later' || watch.exchange.isWaiting) isQuiet = false
    }
    if (!isQuiet) return due
    for (const watch of this.#watches.values()) {
      const response = watch.comesLast ? watch.next() : 'nothing'
      if (response !== 'nothing') return response
    }
    return 'nothing'
  }
}
