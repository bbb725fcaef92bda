import { Server, type ServerDuplexStream, type ServiceDefinition } from '@grpc/grpc-js'
import { AggregatedDiscoveryService } from '../../rpc/gen/envoy/service/discovery/v3/ads_pb.js'
import type { DiscoveryRequest } from '../../rpc/gen/envoy/service/discovery/v3/discovery_pb.js'
import { grpcDefinition } from '../../rpc/grpc-definition.ts'
import { guardCalls } from './call-guard.ts'
import type { Connections, ConnectionsPorts } from './connections.ts'
import { type DeltaRequest, readDeltaRequest } from './delta-request.ts'
import type { Discovery } from './discovery.ts'
import type { EncodedResponse } from './encoded-response.ts'
import type { XdsServerOptions } from './options.ts'
import type { XdsServerPorts } from './ports.ts'
import { RequestUnreadableError } from './request-unreadable.ts'
import { deltaVariant, wholeVariant } from './variant.ts'

/** What calls are answered with. */
export interface GrpcParts extends ConnectionsPorts {
  readonly connections: Connections
  readonly discovery: Discovery
  readonly services: XdsServerPorts['services']
}

/** Serves discovery, and the other services, on connections that are handed to it. */
export function createGrpcServer(options: XdsServerOptions, parts: GrpcParts): Server {
  const { connections, discovery, services } = parts
  const { limits } = options
  const server = new Server({
    'grpc.max_receive_message_length': limits.maxRequestOctets,
    'grpc.max_send_message_length': -1,
    'grpc.max_concurrent_streams': limits.maxStreamsPerConnection,
    'grpc.max_connection_idle_ms': limits.idleTimeoutMs,
    'grpc.keepalive_time_ms': options.keepaliveTimeMs,
    'grpc.keepalive_timeout_ms': options.keepaliveTimeoutMs,
    // It is made a tenth longer or shorter there, for each connection.
    'grpc.max_connection_age_ms': options.maxConnectionAgeMs,
    'grpc.max_connection_age_grace_ms': options.maxConnectionAgeGraceMs,
    'grpc.enable_channelz': 0,
    interceptors: [guardCalls(parts, (peer) => connections.called(peer))],
  })
  server.addService(discoveryDefinition(), {
    deltaAggregatedResources(call: ServerDuplexStream<DeltaRequest, EncodedResponse>) {
      discovery.open(call, deltaVariant, connections.isPlaintext(call.getPeer()))
    },
    streamAggregatedResources(call: ServerDuplexStream<DiscoveryRequest, EncodedResponse>) {
      discovery.open(call, wholeVariant, connections.isPlaintext(call.getPeer()))
    },
  })
  for (const { definition, implementation } of services) {
    server.addService(definition, implementation)
  }
  return server
}

/** Responses are encoded before they get here, and what cannot be read is refused by the stream itself. */
function discoveryDefinition(): ServiceDefinition {
  const definition = grpcDefinition(AggregatedDiscoveryService)
  return Object.fromEntries(
    Object.entries(definition).map(([name, method]) => {
      const read =
        name === 'deltaAggregatedResources' ? readDeltaRequest : method.requestDeserialize
      const responseSerialize = (response: EncodedResponse) => response as unknown as Buffer
      const requestDeserialize = (octets: Buffer): unknown => {
        try {
          return read(octets)
        } catch (error) {
          return error instanceof RequestUnreadableError ? error : new RequestUnreadableError(error)
        }
      }
      return [name, { ...method, responseSerialize, requestDeserialize }]
    }),
  )
}
