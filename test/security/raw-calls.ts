import { once } from 'node:events'
import { type ClientHttp2Session, type ClientHttp2Stream, connect } from 'node:http2'
import type { TestContext } from 'node:test'
import { connect as connectTls } from 'node:tls'
import { create, type MessageInitShape, toBinary } from '@bufbuild/protobuf'
import { formatSocketAddress, socketHost } from '../../src/ip/socket-address.ts'
import type { ClientTls } from '../../src/rpc/channel.ts'
import { NodeSchema } from '../../src/rpc/gen/envoy/config/core/v3/base_pb.js'
import { DeltaDiscoveryRequestSchema } from '../../src/rpc/gen/envoy/service/discovery/v3/discovery_pb.js'
import type { AttackedController } from './attacked-controller.ts'

export const discoveryPath =
  '/envoy.service.discovery.v3.AggregatedDiscoveryService/DeltaAggregatedResources'
export const certificatePath = '/istio.v1.auth.IstioCertificateService/CreateCertificate'

/** A session over TLS, with a certificate or without. */
export async function openSession(
  test: Pick<TestContext, 'after'>,
  { tls: where }: Pick<AttackedController, 'tls'>,
  own?: ClientTls['own'],
): Promise<ClientHttp2Session> {
  const shown = own ? { key: own.key, cert: own.chain } : {}
  const to = { host: socketHost(where), port: where.port, rejectUnauthorized: false }
  const socket = connectTls({ ...to, ...shown, ALPNProtocols: ['h2'] })
  await once(socket, 'secureConnect')
  const session = connect(`https://${formatSocketAddress(where)}`, {
    createConnection: () => socket,
  })
  session.on('error', () => {})
  test.after(() => session.destroy())
  return session
}

/** A call whose answers nobody reads until somebody does. */
export function openRawCall(
  session: ClientHttp2Session,
  path: string,
  encoding = 'identity',
): ClientHttp2Stream {
  const stream = session.request({
    ':method': 'POST',
    ':path': path,
    'content-type': 'application/grpc',
    'grpc-encoding': encoding,
    te: 'trailers',
  })
  stream.on('error', () => {})
  return stream
}

/** What gRPC puts around a message. */
export function envelope(message: Uint8Array, isPacked = false): Buffer {
  const head = Buffer.alloc(5)
  head.writeUInt8(isPacked ? 1 : 0, 0)
  head.writeUInt32BE(message.length, 1)
  return Buffer.concat([head, message])
}

/** The first request of a stream of the namespace `vms`. */
export function firstRequest(rest: MessageInitShape<typeof DeltaDiscoveryRequestSchema>): Buffer {
  const id = 'ztunnel~127.0.0.1~hostile.vms~vms.svc.cluster.local'
  const node = create(NodeSchema, { id, metadata: { NAMESPACE: 'vms' } })
  const request = create(DeltaDiscoveryRequestSchema, { ...rest, node })
  return envelope(toBinary(DeltaDiscoveryRequestSchema, request))
}
