import type { TestContext } from 'node:test'
import { create, fromBinary, type JsonObject } from '@bufbuild/protobuf'
import {
  type ChannelCredentials,
  Client,
  type ClientDuplexStream,
  credentials,
  Metadata,
  type ServiceError,
} from '@grpc/grpc-js'
import type { SocketAddress } from '../ip/socket-address.ts'
import { formatSocketAddress } from '../ip/socket-address.ts'
import { NodeSchema } from '../rpc/gen/envoy/config/core/v3/base_pb.js'
import { AggregatedDiscoveryService } from '../rpc/gen/envoy/service/discovery/v3/ads_pb.js'
import {
  type DeltaDiscoveryRequest,
  DeltaDiscoveryRequestSchema,
  type DeltaDiscoveryResponse,
} from '../rpc/gen/envoy/service/discovery/v3/discovery_pb.js'
import { type Address, AddressSchema } from '../rpc/gen/istio/workload/workload_pb.js'
import { grpcDefinition } from '../rpc/grpc-definition.ts'
import { typeUrls } from '../xds/type-url.ts'

export interface DeltaClientOptions {
  /** Plaintext when missing. */
  readonly tls?: ChannelCredentials
  readonly token?: string
  readonly node?: { readonly id?: string; readonly metadata?: JsonObject }
}

/** A plain client of workload discovery: it asks for everything, and acknowledges what it gets. */
export interface DeltaClient {
  /** By name, as it is now. */
  readonly addresses: ReadonlyMap<string, Address>
  readonly responses: number
  /** Why the stream ended; missing while it goes on. */
  readonly end: ServiceError | undefined
  reportHealth(healthy: boolean, message?: string): void
  close(): void
}

export function openDeltaClient(
  test: Pick<TestContext, 'after'>,
  where: SocketAddress,
  { tls, token, node = {} }: DeltaClientOptions = {},
): DeltaClient {
  const client = new Client(formatSocketAddress(where), tls ?? credentials.createInsecure())
  const method = grpcDefinition(AggregatedDiscoveryService)['deltaAggregatedResources']
  if (!method) throw new TypeError('no such method')
  const metadata = new Metadata()
  if (token !== undefined) metadata.set('authorization', `Bearer ${token}`)
  const call = client.makeBidiStreamRequest(
    method.path,
    method.requestSerialize,
    method.responseDeserialize,
    metadata,
  ) as ClientDuplexStream<DeltaDiscoveryRequest, DeltaDiscoveryResponse>
  const addresses = new Map<string, Address>()
  let end: ServiceError | undefined
  let responses = 0
  call.on('data', ({ resources, removedResources, nonce, typeUrl }: DeltaDiscoveryResponse) => {
    responses += 1
    for (const { name, resource } of resources) {
      if (resource) addresses.set(name, fromBinary(AddressSchema, resource.value))
    }
    for (const name of removedResources) addresses.delete(name)
    call.write(create(DeltaDiscoveryRequestSchema, { typeUrl, responseNonce: nonce }))
  })
  call.on('error', (error: ServiceError) => {
    end = error
  })
  const id = node.id ?? 'ztunnel~127.0.0.1~agent.default~default.svc.cluster.local'
  const asked = create(NodeSchema, { id, metadata: node.metadata ?? {} })
  call.write(create(DeltaDiscoveryRequestSchema, { node: asked, typeUrl: typeUrls.address }))
  const close = () => {
    call.cancel()
    client.close()
  }
  test.after(close)
  return {
    addresses,
    get responses() {
      return responses
    },
    get end() {
      return end
    },
    reportHealth(healthy, message = '') {
      const errorDetail = healthy ? {} : { errorDetail: { code: 13, message } }
      call.write(create(DeltaDiscoveryRequestSchema, { typeUrl: typeUrls.health, ...errorDetail }))
    },
    close,
  }
}
