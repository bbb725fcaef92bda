import { once } from 'node:events'
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import { pipeline, Readable } from 'node:stream'
import { CodedError } from '../base/coded-error.ts'
import { http } from '../base/http.ts'
import { listenHint } from '../base/listen-hint.ts'
import type { Log } from '../base/log.ts'
import type { Running } from '../base/scope.ts'
import { isLoopback, tryParseIp, unmapIp } from '../ip/address.ts'
import { bindServer, boundAddress } from '../ip/bind-server.ts'
import { formatSocketAddress, type SocketAddress } from '../ip/socket-address.ts'
import { isTrustedHost } from './host-header.ts'
import { type AdminResponse, json, type Routes } from './route.ts'

/** The pages cannot be served where they should be. */
export class AdminBindError extends CodedError {
  override readonly code = 'ADMIN_BIND'

  constructor(where: SocketAddress, cause: unknown) {
    super(`cannot serve pages on ${formatSocketAddress(where)}`, {
      cause,
      hint: listenHint(cause, 'tcp', where.port),
    })
  }
}

export interface AdminPorts {
  readonly log: Log
  readonly allowedHosts: readonly string[]
  readonly maxConnections: number
}

const limits = {
  maxHeaderSize: 8_192,
  headersTimeout: 5_000,
  requestTimeout: 10_000,
  keepAliveTimeout: 5_000,
}

/** A connection on which nothing moves for this long is closed, also while a page is being made. */
const silenceMs = 30_000

/**
 * Serves pages over HTTP, for reading only.
 * @throws {AdminBindError} when the address cannot be had.
 */
export async function startAdminServer(
  where: SocketAddress,
  routes: Routes,
  ports: AdminPorts,
): Promise<AdminServer> {
  const server = http.createServer(limits)
  server.maxConnections = ports.maxConnections
  server.timeout = silenceMs
  const admin = new AdminServer(server, routes, ports)
  try {
    await bindServer(server, where)
  } catch (cause) {
    throw new AdminBindError(where, cause)
  }
  return admin
}

export class AdminServer implements Running {
  readonly #server: Server
  readonly #routes: Routes
  readonly #ports: AdminPorts

  constructor(server: Server, routes: Routes, ports: AdminPorts) {
    this.#server = server
    this.#routes = routes
    this.#ports = ports
    server.on('request', (request, response) => this.#serve(request, response))
  }

  get address(): SocketAddress {
    return boundAddress(this.#server)
  }

  async stop(): Promise<void> {
    if (!this.#server.listening) return
    const closed = once(this.#server, 'close')
    this.#server.close()
    this.#server.closeAllConnections()
    await closed
  }

  #serve(request: IncomingMessage, response: ServerResponse): void {
    response.on('error', () => {})
    this.#respond(request).then(
      (answer) => send(response, answer),
      (error: unknown) => {
        this.#ports.log.error({ path: request.url ?? '', error }, 'page failed')
        send(response, json(500, { error: 'this page failed; the log says why' }))
      },
    )
  }

  async #respond(request: IncomingMessage): Promise<AdminResponse> {
    const { method = '', url = '', headers, socket } = request
    if (!isTrustedHost(headers.host, this.#ports.allowedHosts)) {
      return json(403, { error: 'asked for under a host name that is not ours' })
    }
    const [path = '', ...rest] = url.split('?')
    const route = Object.hasOwn(this.#routes, path) ? this.#routes[path] : undefined
    if (!route) return json(404, { error: 'no such page' })
    if (method !== 'GET' && method !== 'HEAD') {
      return json(405, { error: 'pages can only be read: GET or HEAD' })
    }
    if (route.access === 'loopback' && !isFromHere(socket.remoteAddress)) {
      return json(403, { error: 'only for callers on this machine' })
    }
    return route.respond({ path, query: new URLSearchParams(rest.join('?')) })
  }
}

function isFromHere(remote: string | undefined): boolean {
  const address = tryParseIp(remote ?? '')
  return address !== undefined && isLoopback(unmapIp(address))
}

function send(response: ServerResponse, { status, contentType, body }: AdminResponse): void {
  if (response.destroyed || response.headersSent) return
  response.writeHead(status, {
    'content-type': contentType,
    ...(typeof body === 'string' ? { 'content-length': Buffer.byteLength(body) } : {}),
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    ...(status === 405 ? { allow: 'GET, HEAD' } : {}),
  })
  if (typeof body === 'string') response.end(body)
  // Who reads no more gets no more.
  else pipeline(Readable.from(body), response, () => {})
}
