import { status } from '@grpc/grpc-js'
import { Backoff } from '../../base/backoff.ts'
import type { Clock } from '../../base/clock.ts'
import { CodedError } from '../../base/coded-error.ts'
import type { Log } from '../../base/log.ts'
import type { Meters } from '../../base/meters.ts'
import type { Random } from '../../base/random.ts'
import { reasonOf } from '../../base/reason-of.ts'
import type { Running } from '../../base/scope.ts'
import { openChannel } from '../../rpc/channel.ts'
import type { ClientCredentials, ClientCredentialsKeeper } from '../../rpc/client-credentials.ts'
import type { Node } from '../../rpc/gen/envoy/config/core/v3/base_pb.js'
import { usesTls } from './controller-address.ts'
import { type ControllerTarget, ControllerTargets, type TargetPorts } from './controller-targets.ts'
import type { DeltaResponse } from './decode-response.ts'
import { DeltaStream, type StreamEnd } from './delta-stream.ts'
import { controllerConnects } from './meters.ts'
import type { ControllerOptions } from './options.ts'

/** What is said on a stream. */
export interface StreamUser {
  /** Whether it came to what it was opened for. */
  readonly isSynced: boolean
  /** The stream is open: it may be sent on from now on. */
  start(): void
  receive(response: DeltaResponse): void
  /** The stream is no more; `end` says why. */
  stop(end: StreamEnd): void
}

export interface LinkPorts extends TargetPorts {
  readonly clock: Clock
  readonly log: Log
  readonly meters: Meters
  readonly random: Random
  /** For controllers over TLS. */
  readonly credentials?: ClientCredentialsKeeper
  node(): Node
  /** A stream is being opened. */
  use(stream: DeltaStream, target: ControllerTarget): StreamUser
  /** There was no stream, for this reason. */
  onFailure(reason: string): void
}

/** There is a controller over TLS, and nothing that says whom to believe. */
export class ControllerTrustError extends CodedError {
  override readonly code = 'XDS_CONTROLLER_TRUST'

  constructor() {
    super('nothing says which certificate of a controller is to be believed', {
      hint: 'Give the root certificate, or set `controller.tls: never` where there is no TLS.',
    })
  }
}

/** A stream that lived so long, and served, lets the next try come soon. */
const livedMs = 10_000

/** Holds one stream to one of the controllers: when it ends, the next is tried. */
export class ControllerLink implements Running {
  readonly #options: ControllerOptions
  readonly #ports: LinkPorts
  readonly #targets: ControllerTargets
  readonly #backoff: Backoff
  #stream: DeltaStream | undefined
  #running = Promise.resolve()
  #wake = () => {}
  #stopped = false

  constructor(options: ControllerOptions, ports: LinkPorts) {
    const { reconnectMinMs: minMs, reconnectMaxMs: maxMs } = options
    this.#options = options
    this.#ports = ports
    this.#targets = new ControllerTargets(options.addresses, ports)
    this.#backoff = new Backoff({ minMs, maxMs }, ports.random)
  }

  start(): void {
    this.#running = this.#run()
  }

  /** Does not wait any longer to try again. */
  hurry(): void {
    this.#wake()
  }

  async stop(): Promise<void> {
    this.#stopped = true
    this.#stream?.close('the agent stops')
    this.#wake()
    await this.#running
  }

  async #run(): Promise<void> {
    while (!this.#stopped) {
      await this.#tryOnce()
      if (!this.#stopped) await this.#wait(this.#backoff.next())
    }
  }

  /** Never rejects: what fails is tried again. */
  async #tryOnce(): Promise<void> {
    const { clock, log } = this.#ports
    try {
      const target = await this.#targets.next()
      const credentials = await this.#credentialsFor(target)
      if (this.#stopped) return
      const channel = openChannel(target, credentials?.tls)
      const startMs = clock.now()
      const { promise, resolve } = Promise.withResolvers<{ end: StreamEnd; user: StreamUser }>()
      let user: StreamUser | undefined
      const stream = new DeltaStream(
        channel,
        {
          ready: () => user?.start(),
          response: (response) => user?.receive(response),
          end: (end) => user && resolve({ end, user }),
        },
        {
          clock,
          node: this.#ports.node(),
          connectTimeoutMs: this.#options.connectTimeoutMs,
          ...(credentials?.token === undefined ? {} : { token: credentials.token }),
        },
      )
      this.#stream = stream
      user = this.#ports.use(stream, target)
      const { end } = await promise
      this.#count(user.isSynced)
      if (user.isSynced && clock.now() - startMs >= livedMs) this.#backoff.reset()
      log.debug({ server: addressOf(target), reason: end.reason }, 'the stream ended')
      if (end.code === status.UNAUTHENTICATED) this.#ports.credentials?.refused()
      user.stop(end)
    } catch (error) {
      this.#count(false)
      this.#ports.onFailure(reasonOf(error))
    } finally {
      this.#stream = undefined
    }
  }

  async #credentialsFor({ port }: ControllerTarget): Promise<ClientCredentials | undefined> {
    if (!usesTls(this.#options, port)) return undefined
    const { credentials } = this.#ports
    if (!credentials) throw new ControllerTrustError()
    return credentials.current()
  }

  async #wait(delayMs: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    const cancel = this.#ports.clock.after(delayMs, resolve)
    this.#wake = () => {
      cancel()
      resolve()
    }
    await promise
    this.#wake = () => {}
  }

  #count(isSynced: boolean): void {
    const outcome = isSynced ? 'synced' : 'failed'
    this.#ports.meters.cell(controllerConnects, outcome).value += 1
  }
}

/** ADDRESS:PORT, for people. */
export function addressOf({ address, port }: ControllerTarget): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`
}
