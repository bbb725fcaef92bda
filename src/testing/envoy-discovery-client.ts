import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import {
  type ChannelCredentials,
  Client,
  type ClientDuplexStream,
  credentials,
  loadPackageDefinition,
  Metadata,
  type ServiceClientConstructor,
  type ServiceError,
} from '@grpc/grpc-js'
import { until } from './until.ts'

/** A response as Envoy's own protos read it. */
export interface EnvoyResponse {
  readonly type_url: string
  readonly nonce: string
  readonly version_info?: string
  readonly system_version_info?: string
  readonly control_plane: { readonly identifier: string } | null
  readonly removed_resources?: readonly string[]
  readonly resources: readonly EnvoyResource[]
}

/** An `Any` in the variant that sends everything, a `Resource` around one in the other. */
export interface EnvoyResource {
  readonly name?: string
  readonly version?: string
  readonly aliases?: readonly string[]
  readonly resource?: EnvoyAny
  readonly type_url?: string
  readonly value?: Buffer
}

export interface EnvoyAny {
  readonly type_url: string
  readonly value: Buffer
}

export type EnvoyVariant = 'StreamAggregatedResources' | 'DeltaAggregatedResources'

/** The protos of Envoy, as gRPC's own xDS client brings them, with the loader that it brings. */
function loadDiscovery(): ServiceClientConstructor {
  type PackageDefinition = Parameters<typeof loadPackageDefinition>[0]
  const require = createRequire(createRequire(import.meta.url).resolve('@grpc/grpc-js-xds'))
  const root = join(dirname(require.resolve('@grpc/grpc-js-xds/package.json')), 'deps')
  const loader = require('@grpc/proto-loader') as {
    loadSync(file: string, options: object): PackageDefinition
  }
  const folders = ['envoy-api', 'xds', 'googleapis', 'protoc-gen-validate']
  const loaded = loader.loadSync('envoy/service/discovery/v3/ads.proto', {
    keepCase: true,
    longs: String,
    enums: String,
    defaults: true,
    includeDirs: folders.map((folder) => join(root, folder)),
  })
  const path = ['envoy', 'service', 'discovery', 'v3', 'AggregatedDiscoveryService']
  let found: unknown = loadPackageDefinition(loaded)
  for (const name of path) found = (found as Readonly<Record<string, unknown>>)[name]
  return found as ServiceClientConstructor
}

const Discovery = loadDiscovery()

/** A stream of a client that knows nothing of us. */
export class EnvoyStream {
  readonly #client: Client
  readonly #call: ClientDuplexStream<object, EnvoyResponse>
  readonly #responses: EnvoyResponse[] = []
  #taken = 0
  error: ServiceError | undefined
  ended = false

  constructor(
    address: string,
    variant: EnvoyVariant,
    { channel = credentials.createInsecure(), token }: EnvoyStreamOptions = {},
  ) {
    const options = {
      'grpc.ssl_target_name_override': 'istiod.istio-system.svc',
      'grpc.use_local_subchannel_pool': 1,
      'grpc.max_receive_message_length': -1,
    }
    this.#client = new Discovery(address, channel, options)
    const method = Discovery.service[variant]
    if (!method) throw new TypeError(`no method ${variant}`)
    const metadata = new Metadata()
    if (token !== undefined) metadata.set('authorization', `Bearer ${token}`)
    this.#call = this.#client.makeBidiStreamRequest<object, EnvoyResponse>(
      method.path,
      method.requestSerialize,
      method.responseDeserialize as (octets: Buffer) => EnvoyResponse,
      metadata,
    )
    this.#call.on('data', (response: EnvoyResponse) => this.#responses.push(response))
    this.#call.on('end', () => {
      this.ended = true
    })
    this.#call.on('error', (error: ServiceError) => {
      this.error = error
      this.ended = true
    })
  }

  /** Responses that nobody took yet. */
  get waiting(): number {
    return this.#responses.length - this.#taken
  }

  send(request: object): void {
    this.#call.write(request)
  }

  /** The next response, as soon as it is there. */
  async next(): Promise<EnvoyResponse> {
    await until(() => this.waiting > 0 || this.ended)
    const response = this.#responses[this.#taken]
    if (!response) throw new Error(`the stream ended: ${this.error?.message}`)
    this.#taken += 1
    return response
  }

  /** How it was ended by the server. */
  async ending(): Promise<ServiceError | undefined> {
    await until(() => this.ended)
    return this.error
  }

  close(): void {
    this.#call.cancel()
    this.#client.close()
  }
}

export interface EnvoyStreamOptions {
  readonly channel?: ChannelCredentials
  readonly token?: string
}

/** What Istio's programs say of themselves. */
export function envoyNode(
  type: 'sidecar' | 'ztunnel',
  name = 'proxy',
  metadata: Readonly<Record<string, unknown>> = { NAMESPACE: 'ns1' },
): object {
  const fields = Object.fromEntries(
    Object.entries(metadata).map(([key, value]) => [key, structValue(value)]),
  )
  return { id: `${type}~10.0.0.1~${name}.ns1~ns1.svc.cluster.local`, metadata: { fields } }
}

function structValue(value: unknown): object {
  if (typeof value === 'boolean') return { boolValue: value }
  if (typeof value === 'object' && value !== null) {
    const fields = Object.entries(value).map(([key, inner]) => [key, structValue(inner)])
    return { structValue: { fields: Object.fromEntries(fields) } }
  }
  return { stringValue: String(value) }
}
