import { create, type MessageInitShape } from '@bufbuild/protobuf'
import { anyPack } from '@bufbuild/protobuf/wkt'
import {
  Server,
  ServerCredentials,
  type ServerDuplexStream,
  type StatusObject,
} from '@grpc/grpc-js'
import { ControlPlaneSchema } from '../rpc/gen/envoy/config/core/v3/base_pb.js'
import { AggregatedDiscoveryService } from '../rpc/gen/envoy/service/discovery/v3/ads_pb.js'
import {
  type DeltaDiscoveryRequest,
  type DeltaDiscoveryResponse,
  DeltaDiscoveryResponseSchema,
  type Resource,
  ResourceSchema,
} from '../rpc/gen/envoy/service/discovery/v3/discovery_pb.js'
import { NameTableSchema } from '../rpc/gen/istio/networking/nds/v1/nds_pb.js'
import { AddressSchema } from '../rpc/gen/istio/workload/workload_pb.js'
import { grpcDefinition } from '../rpc/grpc-definition.ts'
import { typeUrls } from '../xds/type-url.ts'
import { until } from './until.ts'

type Call = ServerDuplexStream<DeltaDiscoveryRequest, DeltaDiscoveryResponse>
export type ResponseFields = MessageInitShape<typeof DeltaDiscoveryResponseSchema>

/** One stream, as the server sees it: the test says every word of it. */
export class FakeAdsStream {
  readonly #call: Call
  readonly requests: DeltaDiscoveryRequest[] = []
  #nonce = 0
  isEnded = false

  constructor(call: Call) {
    this.#call = call
    call.on('data', (request: DeltaDiscoveryRequest) => this.requests.push(request))
    for (const event of ['end', 'cancelled', 'error']) call.on(event, () => (this.isEnded = true))
  }

  get metadata(): ReadonlyMap<string, unknown> {
    return new Map(Object.entries(this.#call.metadata.getMap()))
  }

  /** Waits for the first request that is like this and was not waited for yet. */
  async request(
    isIt: (request: DeltaDiscoveryRequest) => boolean = () => true,
  ): Promise<DeltaDiscoveryRequest> {
    await until(() => this.requests.some(isIt))
    const index = this.requests.findIndex(isIt)
    const [request] = this.requests.splice(index, 1)
    if (!request) throw new Error('the request went away')
    return request
  }

  /** Says something of services and workloads, and waits for the answer to it. */
  async exchange(fields: ResponseFields): Promise<DeltaDiscoveryRequest> {
    const nonce = this.send(fields)
    return this.request(({ responseNonce }) => responseNonce === nonce)
  }

  /** The nonce that it was sent with. */
  send(fields: ResponseFields): string {
    this.#nonce += 1
    const nonce = String(this.#nonce)
    const controlPlane = create(ControlPlaneSchema, { identifier: 'meshdns fake' })
    const usual: ResponseFields = { typeUrl: typeUrls.address, controlPlane, nonce }
    this.#call.write(
      create(DeltaDiscoveryResponseSchema, { ...usual, ...fields } as ResponseFields),
    )
    return nonce
  }

  /** Octets that are no message at all. */
  sendGarbage(): void {
    this.#call.write({ garbage: true } as unknown as DeltaDiscoveryResponse)
  }

  end(fields: Partial<StatusObject> = {}): void {
    if (fields.code === undefined) this.#call.end()
    else this.#call.emit('error', { details: '', ...fields })
  }
}

/** A server of discovery on loopback that only does what a test tells it to. */
export class FakeAdsServer {
  readonly #server = new Server()
  readonly streams: FakeAdsStream[] = []
  #taken = 0
  port = 0

  /** Listens; it is stopped when the test ends. */
  static async start(test: { after(stop: () => void): void }, port = 0): Promise<FakeAdsServer> {
    const server = new FakeAdsServer()
    const { deltaAggregatedResources, ...others } = grpcDefinition(AggregatedDiscoveryService)
    if (!deltaAggregatedResources) throw new Error('no delta discovery')
    const serialize = deltaAggregatedResources.responseSerialize
    const definition = {
      ...others,
      deltaAggregatedResources: {
        ...deltaAggregatedResources,
        responseSerialize: (message: { garbage?: true }) =>
          message.garbage ? Buffer.from('ffffffffff', 'hex') : serialize(message),
      },
    }
    server.#server.addService(definition, {
      deltaAggregatedResources: (call: Call) => server.streams.push(new FakeAdsStream(call)),
      streamAggregatedResources: (call: Call) => call.end(),
    })
    const bound = Promise.withResolvers<number>()
    server.#server.bindAsync(
      `127.0.0.1:${port}`,
      ServerCredentials.createInsecure(),
      (error, chosen) => (error ? bound.reject(error) : bound.resolve(chosen)),
    )
    server.port = await bound.promise
    test.after(() => server.stop())
    return server
  }

  /** HOST:PORT. */
  get address(): string {
    return `127.0.0.1:${this.port}`
  }

  /** The next stream that somebody opens. */
  async stream(): Promise<FakeAdsStream> {
    await until(() => this.streams.length > this.#taken)
    const stream = this.streams[this.#taken]
    this.#taken += 1
    if (!stream) throw new Error('the stream went away')
    return stream
  }

  /** As a process that is killed does. */
  stop(): void {
    this.#server.forceShutdown()
  }
}

/** A service of namespace `default` as a resource, with one address. */
export function serviceResource(host: string, address: string, version = address): Resource {
  const octets = Uint8Array.from(address.split('.').map(Number))
  const service = {
    name: host,
    namespace: 'default',
    hostname: host,
    addresses: [{ network: '', address: octets }],
    ports: [{ servicePort: 80, targetPort: 80 }],
  }
  const content = create(AddressSchema, { type: { case: 'service', value: service } })
  const resource = anyPack(AddressSchema, content)
  return create(ResourceSchema, { name: `default/${host}`, version, resource })
}

/** A name table as a resource. */
export function nameTableResource(
  hosts: Readonly<Record<string, string>>,
  version = '1',
): Resource {
  const table = Object.fromEntries(
    Object.entries(hosts).map(([host, ip]) => [
      host,
      { ips: [ip], registry: 'External', namespace: 'default' },
    ]),
  )
  const resource = anyPack(NameTableSchema, create(NameTableSchema, { table }))
  return create(ResourceSchema, { version, resource })
}
