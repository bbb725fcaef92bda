import { once } from 'node:events'
import { createServer, type Server, type Socket } from 'node:net'
import type { Running } from '../base/scope.ts'
import { boundAddress } from '../ip/bind-server.ts'
import type { SocketAddress } from '../ip/socket-address.ts'
import { bindTcp } from './bind.ts'
import {
  socketErrors,
  tcpConnections,
  tcpConnectionsAccepted,
  tcpConnectionsCut,
} from './meters.ts'
import type { QueryPort } from './query-port.ts'
import { TcpConnection, type TcpConnectionPorts } from './tcp-connection.ts'

export interface TcpListenerPorts extends Omit<TcpConnectionPorts, 'scratch'> {
  /** For listeners that are many: room that they have in common; else each has its own. */
  readonly scratch?: Uint8Array
}

export const scratchOctets = 65_535

/**
 * Serves DNS on a TCP socket of its own (RFC 7766).
 * @throws {ServeBindError} when the address cannot be had.
 */
export async function listenTcp(
  where: SocketAddress,
  resolver: QueryPort,
  ports: TcpListenerPorts,
): Promise<TcpListener> {
  const server = createServer()
  const listener = new TcpListener(server, resolver, ports)
  await bindTcp(server, where)
  return listener
}

/** Serves DNS on a listening socket that comes from somewhere else; it is ours, and closed, from here on. */
export function adoptTcp(
  server: Server,
  resolver: QueryPort,
  ports: TcpListenerPorts,
): TcpListener {
  return new TcpListener(server, resolver, ports)
}

/** Lets clients in, no more than there is room for. */
export class TcpListener implements Running {
  readonly #server: Server
  readonly #resolver: QueryPort
  readonly #ports: TcpConnectionPorts
  readonly #connections = new Set<TcpConnection>()
  readonly #perClient = new Map<string, number>()

  constructor(server: Server, resolver: QueryPort, ports: TcpListenerPorts) {
    this.#server = server
    this.#resolver = resolver
    this.#ports = { ...ports, scratch: ports.scratch ?? new Uint8Array(scratchOctets) }
    // Not an option of `createServer` since the server may have been made elsewhere.
    Object.assign(server, { allowHalfOpen: true })
    server.on('connection', (socket) => this.#admit(socket))
    server.on('error', () => {
      ports.meters.cell(socketErrors).value += 1
    })
  }

  get address(): SocketAddress {
    return boundAddress(this.#server)
  }

  /** Closes the connections too; answers that are still owed are dropped. */
  async stop(): Promise<void> {
    if (!this.#server.listening) return
    const closed = once(this.#server, 'close')
    this.#server.close()
    for (const connection of this.#connections) connection.close()
    await closed
  }

  #admit(socket: Socket): void {
    const { meters, options } = this.#ports
    const client = socket.remoteAddress ?? ''
    const held = this.#perClient.get(client) ?? 0
    const full = this.#connections.size >= options.maxConnections
    if (full || held >= options.maxConnectionsPerClient) {
      meters.cell(tcpConnectionsCut, full ? 'too_many' : 'too_many_of_client').value += 1
      socket.on('error', () => {})
      socket.destroy()
      return
    }
    const connection = new TcpConnection(socket, this.#resolver, this.#ports)
    this.#connections.add(connection)
    this.#perClient.set(client, held + 1)
    meters.cell(tcpConnectionsAccepted).value += 1
    meters.cell(tcpConnections).value += 1
    socket.once('close', () => {
      this.#connections.delete(connection)
      meters.cell(tcpConnections).value -= 1
      const left = (this.#perClient.get(client) ?? 1) - 1
      if (left > 0) this.#perClient.set(client, left)
      else this.#perClient.delete(client)
    })
  }
}
