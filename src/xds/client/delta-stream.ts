import { create, type MessageInitShape } from '@bufbuild/protobuf'
import {
  type Channel,
  Client,
  type ClientDuplexStream,
  connectivityState,
  credentials,
  Metadata,
  type StatusObject,
  status,
} from '@grpc/grpc-js'
import type { Clock } from '../../base/clock.ts'
import { failureReason } from '../../rpc/failure-reason.ts'
import type { Node } from '../../rpc/gen/envoy/config/core/v3/base_pb.js'
import { AggregatedDiscoveryService } from '../../rpc/gen/envoy/service/discovery/v3/ads_pb.js'
import { DeltaDiscoveryRequestSchema } from '../../rpc/gen/envoy/service/discovery/v3/discovery_pb.js'
import { grpcDefinition } from '../../rpc/grpc-definition.ts'
import { type DeltaResponse, decodeResponse } from './decode-response.ts'
import { encodeRequest, type Versions } from './encode-request.ts'

export type DeltaRequest = MessageInitShape<typeof DeltaDiscoveryRequestSchema>

/** Why a stream is no more. */
export interface StreamEnd {
  /** gRPC's code; UNAVAILABLE when we gave it up. */
  readonly code: status
  readonly reason: string
}

/** What is told of a stream; nothing after the end. */
export interface StreamFollower {
  /** There is a connection: what is sent from now on is not in vain. */
  ready(): void
  response(response: DeltaResponse): void
  end(end: StreamEnd): void
}

export interface DeltaStreamOptions {
  /** Who we are; sent with the first request. */
  readonly node: Node
  readonly token?: string
  readonly connectTimeoutMs: number
}

const { deltaAggregatedResources: method } = grpcDefinition(AggregatedDiscoveryService)

/** One stream of discovery, on a channel that it closes with itself. */
export class DeltaStream {
  readonly #channel: Channel
  readonly #call: ClientDuplexStream<Buffer, DeltaResponse>
  readonly #follower: StreamFollower
  #node: Node | undefined
  readonly #cancelCheck: () => void
  #isEnded = false

  constructor(
    channel: Channel,
    follower: StreamFollower,
    { clock, ...options }: DeltaStreamOptions & { readonly clock: Clock },
  ) {
    this.#channel = channel
    this.#follower = follower
    this.#node = options.node
    this.#call = openCall(channel, options.token)
    this.#call.on('data', (response: DeltaResponse) => this.#receive(response))
    this.#call.on('status', ({ code, details }: StatusObject) => this.#end(code, details))
    // The status says it as well, and always comes.
    this.#call.on('error', () => {})
    const { connectTimeoutMs } = options
    this.#cancelCheck = clock.after(connectTimeoutMs, () => this.#checkConnected())
    this.#waitForConnection()
  }

  /** `versions` are of what is held from before; for the first request of a type. */
  send(request: DeltaRequest, versions?: Versions): void {
    if (this.#isEnded) return
    const node = this.#node
    this.#node = undefined
    const message = create(DeltaDiscoveryRequestSchema, node ? { ...request, node } : request)
    this.#call.write(encodeRequest(message, versions))
  }

  /** Ends it from our side; the follower hears of it before this returns. */
  close(reason: string): void {
    this.#end(status.UNAVAILABLE, reason)
  }

  #waitForConnection(): void {
    if (this.#isEnded) return
    const state = this.#channel.getConnectivityState(true)
    if (state === connectivityState.READY) this.#follower.ready()
    else {
      this.#channel.watchConnectivityState(state, Number.POSITIVE_INFINITY, () =>
        this.#waitForConnection(),
      )
    }
  }

  #receive(response: DeltaResponse): void {
    if (!this.#isEnded) this.#follower.response(response)
  }

  #checkConnected(): void {
    if (this.#channel.getConnectivityState(false) === connectivityState.READY) return
    this.close('no connection in time')
  }

  #end(code: status, details: string): void {
    if (this.#isEnded) return
    this.#isEnded = true
    this.#cancelCheck()
    this.#call.cancel()
    this.#channel.close()
    const reason = code === status.OK ? 'the controller ended the stream' : failureReason(details)
    this.#follower.end({ code, reason: reason.slice(0, 1_000) })
  }
}

function openCall(
  channel: Channel,
  token: string | undefined,
): ClientDuplexStream<Buffer, DeltaResponse> {
  if (!method) throw new TypeError('the protos have no delta discovery')
  const client = new Client(channel.getTarget(), credentials.createInsecure(), {
    channelOverride: channel,
  })
  const metadata = new Metadata()
  if (token !== undefined) metadata.set('authorization', `Bearer ${token}`)
  return client.makeBidiStreamRequest<Buffer, DeltaResponse>(
    method.path,
    (octets) => octets,
    decodeResponse,
    metadata,
  )
}
