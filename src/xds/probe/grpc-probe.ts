import { BinaryReader, BinaryWriter, WireType } from '@bufbuild/protobuf/wire'
import { Client, credentials, Metadata } from '@grpc/grpc-js'
import type { ProbeMethod } from '../../config/readiness-probe.ts'

/** grpc.health.v1.HealthCheckResponse.ServingStatus.SERVING. */
const serving = 1

/** Asks gRPC's health service on this machine; rejects unless it serves (GRPC Health Checking Protocol). */
export async function probeGrpc(
  { port, service }: Extract<ProbeMethod, { kind: 'grpc' }>,
  signal: AbortSignal,
): Promise<void> {
  const client = new Client(`localhost:${port}`, credentials.createInsecure(), {
    'grpc.enable_retries': 0,
    'grpc.use_local_subchannel_pool': 1,
  })
  const { promise, resolve, reject } = Promise.withResolvers<number>()
  const call = client.makeUnaryRequest<string, number>(
    '/grpc.health.v1.Health/Check',
    encodeRequest,
    decodeStatus,
    service,
    new Metadata(),
    {},
    (error, status) => (error ? reject(error) : resolve(status ?? 0)),
  )
  const cancel = () => call.cancel()
  signal.addEventListener('abort', cancel, { once: true })
  try {
    const status = await promise
    if (status !== serving) throw new Error(`gRPC health status ${status}`)
  } finally {
    signal.removeEventListener('abort', cancel)
    client.close()
  }
}

function encodeRequest(service: string): Buffer {
  return Buffer.from(new BinaryWriter().tag(1, WireType.LengthDelimited).string(service).finish())
}

function decodeStatus(octets: Buffer): number {
  const reader = new BinaryReader(octets)
  let status = 0
  while (reader.pos < reader.len) {
    const [field, wireType] = reader.tag()
    if (field === 1 && wireType === WireType.Varint) status = reader.int32()
    else reader.skip(wireType)
  }
  return status
}
