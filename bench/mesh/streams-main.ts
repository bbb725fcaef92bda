import { create } from '@bufbuild/protobuf'
import { type ClientDuplexStream, makeGenericClientConstructor } from '@grpc/grpc-js'
import { openChannel } from '../../src/rpc/channel.ts'
import {
  type DeltaDiscoveryRequest,
  DeltaDiscoveryRequestSchema,
} from '../../src/rpc/gen/envoy/service/discovery/v3/discovery_pb.js'
import { TableHash } from '../../src/translate/discovery/table-hash.ts'
import { encodeRequest, type Versions } from '../../src/xds/client/encode-request.ts'
import { typeUrls } from '../../src/xds/type-url.ts'
import { type ResponseParts, readResponse } from './resource-names.ts'

/**
 * Some agents' streams in one process: `streams-main.ts PORT FIRST COUNT`.
 *
 * Each subscribes to everything and keeps the table that it is sent; when its stream ends, the next one
 * says what it holds. What happens is told on standard output, a line of JSON each; SIGTERM ends it.
 */
const [port = 0, first = 0, count = 0] = process.argv.slice(2).map(Number)

const Client = makeGenericClientConstructor(
  {
    delta: {
      path: '/envoy.service.discovery.v3.AggregatedDiscoveryService/DeltaAggregatedResources',
      requestStream: true,
      responseStream: true,
      requestSerialize: ({ request, held }: Said) => encodeRequest(request, held),
      requestDeserialize: (octets: Buffer) => octets,
      responseSerialize: (octets: Buffer) => octets,
      responseDeserialize: readResponse,
    },
  },
  'AggregatedDiscoveryService',
)

interface Said {
  readonly request: DeltaDiscoveryRequest
  readonly held?: Versions
}

type Stream = ClientDuplexStream<Said, ResponseParts>

/** One that was refused, or lost its stream, waits as long as agents do. */
const reopenMs = 500

/** So many begin at the same time, as one process cannot say within a few seconds what all of them hold. */
const maxOpening = 16
const waiting = new Set<Agent>()
const opening = new Set<Agent>()

function openSome(): void {
  for (const agent of waiting) {
    if (opening.size >= maxOpening) return
    waiting.delete(agent)
    opening.add(agent)
    agent.open()
  }
}

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

class Agent {
  readonly #stream: number
  readonly #table = new Map<string, string>()
  readonly #hash = new TableHash()
  #octets = 0

  constructor(stream: number) {
    this.#stream = stream
  }

  open(): void {
    const client = new Client(`127.0.0.1:${port}`, undefined as never, {
      channelOverride: openChannel({ address: '127.0.0.1', port }),
    })
    const call = (client['delta'] as () => Stream).call(client)
    let isSynced = false
    call.on('data', (response: ResponseParts) => {
      this.#leave()
      this.#take(response)
      const { typeUrl, nonce, moreToCome } = response
      const receipt = create(DeltaDiscoveryRequestSchema, { typeUrl, responseNonce: nonce })
      call.write({ request: receipt })
      if (moreToCome) return
      this.#tell(isSynced ? 'applied' : 'synced')
      isSynced = true
    })
    call.on('error', () => {
      client.close()
      setTimeout(() => {
        this.#leave()
        waiting.add(this)
        openSome()
      }, reopenMs)
    })
    const metadata = { NAMESPACE: 'bench', DNS_CAPTURE: 'true', INSTANCE_IPS: '10.255.0.1' }
    const id = `sidecar~10.255.0.1~agent${this.#stream}.bench~bench.svc.cluster.local`
    const request = create(DeltaDiscoveryRequestSchema, {
      node: { id, metadata },
      typeUrl: typeUrls.address,
      resourceNamesSubscribe: ['*'],
    })
    call.write({ request, held: this.#table })
  }

  #leave(): void {
    if (opening.delete(this)) openSome()
  }

  #take({ put, removed, octets }: ResponseParts): void {
    for (const { name, version } of put) {
      this.#forget(name)
      this.#table.set(once(name), once(version))
      this.#hash.add(name, version)
    }
    for (const name of removed) this.#forget(name)
    this.#octets += octets
  }

  #forget(name: string): void {
    const before = this.#table.get(name)
    if (before !== undefined) this.#hash.remove(name, before)
    this.#table.delete(name)
  }

  #tell(event: 'synced' | 'applied'): void {
    tell({
      event,
      stream: this.#stream,
      atMs: performance.timeOrigin + performance.now(),
      octets: this.#octets,
      resources: this.#table.size,
      hash: this.#hash.toString(),
    })
    this.#octets = 0
  }
}

for (let stream = first; stream < first + count; stream += 1) waiting.add(new Agent(stream))
openSome()
