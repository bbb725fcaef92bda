import { once } from 'node:events'
import {
  createSecureServer,
  type Http2SecureServer,
  type Http2ServerRequest,
  type Http2ServerResponse,
  type ServerHttp2Session,
} from 'node:http2'
import type { Socket } from 'node:net'
import type { Clock } from '../base/clock.ts'
import { CodedError } from '../base/coded-error.ts'
import { listenHint } from '../base/listen-hint.ts'
import type { Log } from '../base/log.ts'
import type { Meters } from '../base/meters.ts'
import type { Running } from '../base/scope.ts'
import { bindServer, boundAddress, isAddressAway } from '../ip/bind-server.ts'
import {
  formatSocketAddress,
  parseSocketAddress,
  type SocketAddress,
} from '../ip/socket-address.ts'
import type { ServerTls, ServerTlsKeeper } from '../rpc/authenticator.ts'
import { answerReview, type ReviewHandlers } from './answer-review.ts'
import type { AdmissionOptions } from './options.ts'
import { HeldOctets } from './read-body.ts'
import { RecentConnections } from './recent-connections.ts'

/** Webhooks cannot be served where they should be. */
export class AdmissionBindError extends CodedError {
  override readonly code = 'ADMISSION_BIND'

  constructor(where: SocketAddress, cause: unknown) {
    super(`cannot serve webhooks on ${formatSocketAddress(where)}`, {
      cause,
      hint: listenHint(cause, 'tcp', where.port),
    })
  }
}

export interface AdmissionPorts {
  readonly clock: Clock
  readonly log: Log
  readonly meters: Meters
  readonly tls: ServerTlsKeeper
}

/** Serves webhooks, each under its path, at all addresses of the options. */
export interface AdmissionServer extends Running {
  addresses(): readonly SocketAddress[]
}

/** How long questions that are under way may take when we stop. */
const stopTimeoutMs = 5_000

/** @throws {AdmissionBindError} when an address cannot be had. */
export async function startAdmissionServer(
  options: AdmissionOptions,
  handlers: ReviewHandlers,
  ports: AdmissionPorts,
): Promise<AdmissionServer> {
  const listeners: AdmissionListener[] = []
  const octets = new HeldOctets()
  const stop = async () => {
    await Promise.all(listeners.map((listener) => listener.stop()))
  }
  try {
    for (const where of options.addresses.map(parseSocketAddress)) {
      const listener = new AdmissionListener(options, handlers, { ...ports, octets })
      if (await listener.listen(where)) listeners.push(listener)
    }
  } catch (error) {
    await stop()
    throw error
  }
  ports.tls.follow((tls) => {
    for (const listener of listeners) listener.show(tls)
  })
  return { stop, addresses: () => listeners.map(({ address }) => address) }
}

type ListenerPorts = AdmissionPorts & { readonly octets: HeldOctets }

/** One address at which webhooks are served, over HTTP/2 and HTTP/1.1. */
class AdmissionListener implements Running {
  readonly #ports: ListenerPorts
  readonly #server: Http2SecureServer
  readonly #connections: RecentConnections
  readonly #sessions = new Set<ServerHttp2Session>()

  constructor(options: AdmissionOptions, handlers: ReviewHandlers, ports: ListenerPorts) {
    this.#ports = ports
    const { idleTimeoutMs, requestTimeoutMs } = options
    const connections = new RecentConnections(options.maxConnections)
    this.#connections = connections
    const server = createSecureServer({
      ...contextOf(ports.tls.current()),
      allowHTTP1: true,
      handshakeTimeout: requestTimeoutMs,
      settings: { maxConcurrentStreams: 100, maxHeaderListSize: 16_384 },
      maxSessionInvalidFrames: 10,
      maxSessionRejectedStreams: 10,
    })
    Object.assign(server, {
      headersTimeout: requestTimeoutMs,
      requestTimeout: requestTimeoutMs,
      connectionsCheckingInterval: requestTimeoutMs,
      keepAliveTimeout: idleTimeoutMs,
    })
    server.on('connection', (socket: Socket) => connections.add(socket))
    server.on('session', (session) => {
      this.#sessions.add(session)
      session.once('close', () => this.#sessions.delete(session))
      session.setTimeout(idleTimeoutMs, () => session.destroy())
    })
    // Whoever breaks a connection, or never finishes a handshake, is no concern of anybody else.
    for (const event of ['error', 'tlsClientError', 'sessionError', 'clientError']) {
      server.on(event, (error: Error, socket?: { destroy(): void }) => {
        ports.log.debug({ error }, 'a connection to the webhooks broke')
        socket?.destroy()
      })
    }
    server.on('request', (request: Http2ServerRequest, response: Http2ServerResponse) => {
      connections.use(request.socket)
      void answerReview({ request, response, handlers, options, ports })
    })
    this.#server = server
  }

  get address(): SocketAddress {
    return boundAddress(this.#server)
  }

  /** Says whether the machine has such an address at all. */
  async listen(where: SocketAddress): Promise<boolean> {
    try {
      await bindServer(this.#server, where)
      return true
    } catch (cause) {
      if (where.address === '::' && isAddressAway(cause)) return false
      throw new AdmissionBindError(where, cause)
    }
  }

  /** Has connections to come see another certificate. */
  show(tls: ServerTls): void {
    this.#server.setSecureContext(contextOf(tls))
  }

  async stop(): Promise<void> {
    if (!this.#server.listening) return
    const closed = once(this.#server, 'close')
    this.#server.close()
    for (const session of this.#sessions) session.close()
    const end = () => this.#connections.endAll()
    if (this.#sessions.size === 0) end()
    const cancel = this.#ports.clock.after(stopTimeoutMs, end)
    await closed
    cancel()
  }
}

function contextOf({ chain, key }: ServerTls) {
  return { cert: chain, key, minVersion: 'TLSv1.2' } as const
}
