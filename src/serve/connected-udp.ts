import { createSocket, type Socket } from 'node:dgram'
import { familyOf } from '../ip/address.ts'
import { type SocketAddress, socketHost } from '../ip/socket-address.ts'
import { claimPort } from '../sys/exclusive-port.ts'
import { numericLookup } from './numeric-lookup.ts'
import { reasonOf, type UpstreamPorts } from './upstream-port.ts'

interface Events {
  received(octets: Uint8Array): void
  /** At most once, never from within a call of ours; nothing comes from the socket after it. */
  failed(reason: string): void
}

/**
 * A UDP socket with a port of its own, connected to one server: the kernel drops what others send,
 * and says when nobody listens there.
 */
export class ConnectedUdp {
  readonly openedMs: number
  usedMs: number
  uses = 0
  /** Questions that somebody still waits for. */
  outstanding = 0
  readonly #events: Events
  #socket: Socket | undefined
  #isClosed = false
  /** What waits for the connection, for one tick; `undefined` from then on. */
  #unsent: Uint8Array[] | undefined = []

  constructor(server: SocketAddress, events: Events, ports: UpstreamPorts) {
    this.#events = events
    this.openedMs = ports.clock.now()
    this.usedMs = this.openedMs
    try {
      this.#open(server, ports.openSocket)
    } catch (error) {
      this.#fail(error)
    }
  }

  send(octets: Uint8Array, nowMs: number): void {
    this.uses += 1
    this.usedMs = nowMs
    if (this.#isClosed) return
    if (this.#unsent) this.#unsent.push(octets)
    else this.#socket?.send(octets, this.#sent)
  }

  close(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#socket?.close()
  }

  #open(server: SocketAddress, openSocket: UpstreamPorts['openSocket']): void {
    const family = familyOf(server.address)
    const socket = createSocket({ type: family === 6 ? 'udp6' : 'udp4', lookup: numericLookup })
    this.#socket = socket
    socket.on('message', (octets) => {
      if (!this.#isClosed) this.#events.received(octets)
    })
    socket.on('error', (error) => this.#fail(error))
    socket.once('connect', () => {
      const unsent = this.#unsent ?? []
      this.#unsent = undefined
      for (const octets of unsent) {
        if (!this.#isClosed) socket.send(octets, this.#sent)
      }
    })
    if (openSocket) {
      const fd = openSocket('udp', family)
      socket.bind({ fd })
      claimPort(fd)
    }
    socket.connect(server.port, socketHost(server))
  }

  readonly #sent = (error: Error | null): void => {
    if (error) this.#fail(error)
  }

  /** Later, since an error may come up while the resolver is asking. */
  #fail(error: unknown): void {
    if (this.#isClosed) return
    this.close()
    queueMicrotask(() => this.#events.failed(reasonOf(error)))
  }
}
