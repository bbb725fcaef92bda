import { once } from 'node:events'
import { createServer, type Server, type Socket } from 'node:net'
import type { Running } from '../../base/scope.ts'
import type { SocketAddress } from '../../ip/socket-address.ts'
import type { ConnectionGate } from './connection-gate.ts'
import { listen } from './listen.ts'
import type { Refusals } from './refusals.ts'
import { peerOf } from './tls-handshakes.ts'

/** What becomes of a connection to one of our addresses. */
export interface ListenerPorts {
  readonly gate: ConnectionGate
  readonly refusals: Refusals
  readonly onConnection: (socket: Socket) => void
}

/** One address that connections may be made to. */
export class Listener implements Running {
  readonly #server: Server
  readonly #sockets = new Set<Socket>()
  readonly #closed: Promise<unknown>
  readonly address: SocketAddress

  constructor(
    server: Server,
    address: SocketAddress,
    { gate, refusals, onConnection }: ListenerPorts,
  ) {
    this.#server = server
    this.#closed = once(server, 'close')
    this.address = address
    server.on('error', () => {}) // Too few descriptors, for instance; the next connection may go well.
    server.on('connection', (socket) => {
      socket.on('error', () => {})
      const from = socket.remoteAddress ?? ''
      const reason = gate.enter(from)
      if (reason !== undefined) {
        refusals.tell(reason, { client: peerOf(socket) })
        socket.destroy()
        return
      }
      this.#sockets.add(socket)
      socket.once('close', () => {
        gate.leave(from)
        this.#sockets.delete(socket)
      })
      onConnection(socket)
    })
  }

  /** Lets nobody in any more; connections go on. */
  close(): void {
    this.#server.close()
  }

  /** Resolves when all connections have ended that were there when it was closed. */
  async left(): Promise<void> {
    await this.#closed
  }

  /** Ends what is left of the connections. */
  async stop(): Promise<void> {
    this.close()
    for (const socket of this.#sockets) socket.destroy()
    await this.#closed
  }
}

/** @throws {XdsBindError} when the address cannot be had. */
export async function startListener(where: SocketAddress, ports: ListenerPorts): Promise<Listener> {
  const server = createServer({ noDelay: true })
  const address = await listen(server, where)
  return new Listener(server, address, ports)
}
