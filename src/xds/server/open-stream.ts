import { type ServerDuplexStream, status } from '@grpc/grpc-js'
import type { Clock } from '../../base/clock.ts'
import type { Log } from '../../base/log.ts'
import type { Node } from '../../rpc/gen/envoy/config/core/v3/base_pb.js'
import { RefusedCallError } from '../../rpc/refused-call.ts'
import { NodeError, parseNode } from '../parse-node.ts'
import type { Proxy } from '../proxy.ts'
import type { EncodedResponse } from './encoded-response.ts'
import { Exchange } from './exchange.ts'
import type { ProxyConnection, ProxyFollowers, ProxyScope } from './ports.ts'
import type { Pushable } from './push-queue.ts'
import type { RefusalReason, Refusals } from './refusals.ts'
import { RequestUnreadableError } from './request-unreadable.ts'
import {
  checkClaims,
  IdentityMismatchError,
  StreamUnauthenticatedError,
} from './stream-identity.ts'
import { SubscriptionLimitError } from './subscription-limit.ts'
import type { Variant, WatchParts } from './variant.ts'
import type { Watch } from './watch.ts'
import { type StreamRequest, type WatchReceipt, XdsStream } from './xds-stream.ts'

/** A request that may be the first of a stream. */
export interface OpeningRequest extends StreamRequest {
  readonly node?: Node | undefined
}

export interface OpenStreamPorts {
  readonly clock: Clock
  readonly log: Log
  readonly refusals: Refusals
  readonly followers: ProxyFollowers
  readonly identityCheck: boolean
  readonly addresses: WatchParts['addresses']
  scopeOf(proxy: Proxy): ProxyScope
  nameTableOf: (proxy: Proxy) => ReturnType<WatchParts['nameTable']>
  clusterOf: (proxy: Proxy) => ReturnType<WatchParts['cluster']>
  /** Wants a turn to send. */
  onDue(stream: Pushable): void
  onReceipt(stream: AnyOpenStream, watch: Watch<never>, receipt: WatchReceipt): void
  onSent(octets: number): void
  onClosed(stream: AnyOpenStream): void
}

/** A stream of either variant. */
export type AnyOpenStream = Pick<
  OpenStream<never>,
  'connection' | 'greeted' | 'variant' | 'notice' | 'push' | 'end' | 'refuse' | 'rescope'
>

/** What is known of a stream once it has said who it is. */
interface Greeted<Request extends OpeningRequest> {
  readonly proxy: Proxy
  /** Milliseconds since 1970. */
  readonly since: number
  readonly stream: XdsStream<Request>
}

/** One call of the discovery service, from its first message to its end. */
export class OpenStream<Request extends OpeningRequest> implements Pushable {
  readonly connection: ProxyConnection
  readonly variant: Variant<Request>
  readonly #call: ServerDuplexStream<Request, EncodedResponse>
  readonly #ports: OpenStreamPorts
  #greeted: Greeted<Request> | undefined
  #closed = false
  /** Whether the last response has not left us yet. */
  #writing = false

  constructor(
    call: ServerDuplexStream<Request, EncodedResponse>,
    from: { readonly connection: ProxyConnection; readonly variant: Variant<Request> },
    ports: OpenStreamPorts,
  ) {
    this.#call = call
    this.connection = from.connection
    this.variant = from.variant
    this.#ports = ports
    call.on('cancelled', () => this.#close())
    call.on('end', () => this.end())
    call.on('data', (request: Request | RequestUnreadableError) => this.#take(request))
  }

  get greeted(): Greeted<Request> | undefined {
    return this.#greeted
  }

  push(): boolean {
    if (this.#writing || this.#closed || !this.#greeted) return false
    const due = this.#greeted.stream.next()
    if (due === 'nothing') return false
    if (due === 'later') return true
    this.#writing = true
    this.#ports.onSent(due.byteLength)
    this.#call.write(due, (error: unknown) => {
      if (!error) due.release()
      this.#writing = false
      this.#ports.onDue(this)
    })
    return false
  }

  notice(change: { readonly tables?: true }): void {
    this.#greeted?.stream.notice(change)
  }

  /** Asks again what it may see. */
  rescope(): void {
    if (!this.#greeted) return
    const { proxy, stream } = this.#greeted
    stream.notice({ scope: this.#ports.scopeOf(proxy) })
  }

  /** Ends it with a word to the client. */
  end(code: status = status.OK, details = 'OK'): void {
    if (this.#closed) return
    if (code === status.OK) this.#call.end()
    else this.#call.emit('error', { code, details })
    this.#close()
  }

  /** Ends it, and tells both sides why. */
  refuse(error: unknown, reason: RefusalReason = reasonOf(error)): void {
    if (this.#closed) return
    const { address } = this.connection
    const name = this.#greeted ? { name: this.#greeted.proxy.id } : {}
    if (error instanceof RefusedCallError) {
      this.#ports.refusals.tell(reason, { client: address, ...name, error })
      this.end(error.status, error.message)
      return
    }
    this.#ports.log.error({ client: address, ...name, error }, 'an xds stream failed')
    this.end(status.INTERNAL, 'the stream failed; the log of the controller says why')
  }

  #take(request: Request | RequestUnreadableError): void {
    if (this.#closed) return
    try {
      if (request instanceof RequestUnreadableError) throw request
      if (this.#greeted) this.#receive(this.#greeted.stream, request)
      else this.#greet(request)
    } catch (error) {
      this.refuse(error)
    }
  }

  #receive(stream: XdsStream<Request>, request: Request): void {
    stream.receive(request)
    this.#ports.onDue(this)
  }

  #greet(request: Request): void {
    const { identityCheck } = this.#ports
    const proxy = parseNode(request.node)
    const { identity } = this.connection
    if (identity && identityCheck) checkClaims(proxy, identity)
    void this.#begin(proxy, request)
  }

  /** Nothing more is read until those who follow proxies have agreed. */
  async #begin(proxy: Proxy, request: Request): Promise<void> {
    const { followers, clock } = this.#ports
    this.#call.pause()
    try {
      await followers.connected(proxy, this.connection)
    } catch (error) {
      this.refuse(error, 'not_accepted')
      return
    }
    if (this.#closed) {
      followers.disconnected(proxy, this.connection)
      return
    }
    this.#greeted = { proxy, since: clock.wall(), stream: this.#createStream(proxy) }
    this.#take(request)
    this.#call.resume()
  }

  #createStream(proxy: Proxy): XdsStream<Request> {
    const { clock, addresses, followers } = this.#ports
    return new XdsStream<Request>({
      createWatch: (typeUrl) =>
        this.variant.createWatch(typeUrl, {
          exchange: new Exchange(clock, this.connection.id),
          scope: this.#ports.scopeOf(proxy),
          addresses,
          nameTable: () => this.#ports.nameTableOf(proxy),
          cluster: () => this.#ports.clusterOf(proxy),
        }),
      onReceipt: (watch, receipt) => this.#ports.onReceipt(this, watch, receipt),
      healthReported: (report) => followers.healthReported(proxy, report),
    })
  }

  #close(): void {
    if (this.#closed) return
    this.#closed = true
    this.#ports.onClosed(this)
    if (this.#greeted) this.#ports.followers.disconnected(this.#greeted.proxy, this.connection)
  }
}

function reasonOf(error: unknown): RefusalReason {
  if (error instanceof RequestUnreadableError) return 'message_not_understood'
  if (error instanceof NodeError) return 'node_not_understood'
  if (error instanceof IdentityMismatchError) return 'identity_mismatch'
  if (error instanceof StreamUnauthenticatedError) return 'not_authenticated'
  if (error instanceof SubscriptionLimitError) return 'too_many_names'
  return 'not_accepted'
}
