import { create, toBinary } from '@bufbuild/protobuf'
import { type ClientDuplexStream, makeGenericClientConstructor } from '@grpc/grpc-js'
import { openChannel } from '../../src/rpc/channel.ts'
import {
  type DeltaDiscoveryRequest,
  DeltaDiscoveryRequestSchema,
} from '../../src/rpc/gen/envoy/service/discovery/v3/discovery_pb.js'
import { TableHash } from '../../src/translate/discovery/table-hash.ts'
import { typeUrls } from '../../src/xds/type-url.ts'
import { type ResponseParts, readResponse } from './resource-names.ts'

/**
 * Some agents' streams in one process: `streams-main.ts PORT FIRST COUNT`.
 *
 * Each subscribes to everything and keeps the table that it is sent. What happens is told on standard
 * output, a line of JSON each; SIGTERM ends it.
 */
const [port = 0, first = 0, count = 0] = process.argv.slice(2).map(Number)

const Client = makeGenericClientConstructor(
  {
    delta: {
      path: '/envoy.service.discovery.v3.AggregatedDiscoveryService/DeltaAggregatedResources',
      requestStream: true,
      responseStream: true,
      requestSerialize: (request: DeltaDiscoveryRequest) =>
        Buffer.from(toBinary(DeltaDiscoveryRequestSchema, request)),
      requestDeserialize: (octets: Buffer) => octets,
      responseSerialize: (octets: Buffer) => octets,
      responseDeserialize: readResponse,
    },
  },
  'AggregatedDiscoveryService',
)

type Stream = ClientDuplexStream<DeltaDiscoveryRequest, ResponseParts>

/** Texts that many streams hold, each once. */
const texts = new Map<string, string>()
function once(text: string): string {
  const known = texts.get(text)
  if (known !== undefined) return known
  texts.set(text, text)
  return text
}

function tell(event: object): void {
  process.stdout.write(`${JSON.stringify(event)}\n`)
}

function open(stream: number): void {
  const client = new Client(`127.0.0.1:${port}`, undefined as never, {
    channelOverride: openChannel({ address: '127.0.0.1', port }),
  })
  const call = (client['delta'] as () => Stream).call(client)
  const table = new Map<string, string>()
  const hash = new TableHash()
  let [isSynced, octets] = [false, 0]
  call.on('data', (response: ResponseParts) => {
    for (const { name, version } of response.put) {
      const before = table.get(name)
      if (before !== undefined) hash.remove(name, before)
      table.set(once(name), once(version))
      hash.add(name, version)
    }
    for (const name of response.removed) {
      const before = table.get(name)
      if (before !== undefined) hash.remove(name, before)
      table.delete(name)
    }
    octets += response.octets
    const atMs = performance.timeOrigin + performance.now()
    const { typeUrl, nonce, moreToCome } = response
    call.write(create(DeltaDiscoveryRequestSchema, { typeUrl, responseNonce: nonce }))
    if (moreToCome) return
    const facts = { stream, atMs, octets, resources: table.size, hash: hash.toString() }
    tell({ event: isSynced ? 'applied' : 'synced', ...facts })
    isSynced = true
    octets = 0
  })
  call.on('error', (error: Error) => tell({ event: 'error', stream, message: error.message }))
  const metadata = { NAMESPACE: 'bench', DNS_CAPTURE: 'true', INSTANCE_IPS: '10.255.0.1' }
  const id = `sidecar~10.255.0.1~agent${stream}.bench~bench.svc.cluster.local`
  call.write(
    create(DeltaDiscoveryRequestSchema, {
      node: { id, metadata },
      typeUrl: typeUrls.address,
      resourceNamesSubscribe: ['*'],
    }),
  )
}

for (let stream = first; stream < first + count; stream += 1) open(stream)
