import { EventEmitter } from 'node:events'
import type { MessageInitShape } from '@bufbuild/protobuf'
import { create, fromBinary, toBinary } from '@bufbuild/protobuf'
import { Metadata, type ServerDuplexStream } from '@grpc/grpc-js'
import {
  DeltaDiscoveryRequestSchema,
  type DeltaDiscoveryResponse,
  DeltaDiscoveryResponseSchema,
} from '../rpc/gen/envoy/service/discovery/v3/discovery_pb.js'
import { type DeltaRequest, readDeltaRequest } from '../xds/server/delta-request.ts'
import type { EncodedResponse } from '../xds/server/encoded-response.ts'
import { typeUrls } from '../xds/type-url.ts'

/** A call without a network, whose client reads only when the test says so. */
export class FakeDiscoveryCall extends EventEmitter {
  readonly metadata = new Metadata()
  readonly sent: DeltaDiscoveryResponse[] = []
  readonly cancelled = false
  #outcome: number | undefined
  #flushed: (() => void)[] = []

  constructor() {
    super()
    this.on('error', ({ code }: { code: number }) => {
      this.#outcome = code
    })
  }

  getPeer(): string {
    return '192.0.2.7:50000'
  }

  getAuthContext(): object {
    return {}
  }

  write(response: EncodedResponse, onFlushed: () => void): void {
    const octets = Buffer.alloc(response.byteLength)
    response.copy(octets, 0)
    this.sent.push(fromBinary(DeltaDiscoveryResponseSchema, octets))
    this.#flushed.push(onFlushed)
  }

  end(): void {
    this.#outcome = 0
  }

  /** The status that the server ended it with. */
  ending(): number | undefined {
    return this.#outcome
  }

  pause(): void {}
  resume(): void {}

  /** What was written leaves for the network. */
  flush(): void {
    const flushed = this.#flushed
    this.#flushed = []
    for (const callback of flushed) callback()
  }

  request(fields: MessageInitShape<typeof DeltaDiscoveryRequestSchema>): void {
    const message = create(DeltaDiscoveryRequestSchema, { typeUrl: typeUrls.address, ...fields })
    this.emit('data', readDeltaRequest(Buffer.from(toBinary(DeltaDiscoveryRequestSchema, message))))
  }

  asCall(): ServerDuplexStream<DeltaRequest, EncodedResponse> {
    return this as unknown as ServerDuplexStream<DeltaRequest, EncodedResponse>
  }
}
