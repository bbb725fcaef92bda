import type { RemoteInfo, Socket } from 'node:dgram'
import type { Clock } from '../base/clock.ts'
import type { Log } from '../base/log.ts'
import type { Cell, Meters } from '../base/meters.ts'
import type { Running } from '../base/scope.ts'
import { boundAddress } from '../ip/bind-server.ts'
import type { SocketAddress } from '../ip/socket-address.ts'
import { splitZone } from '../ip/split-zone.ts'
import { bindUdp } from './bind.ts'
import { droppedMessages, sendErrors, socketErrors } from './meters.ts'
import type { UdpServeOptions } from './options.ts'
import { type QueryPort, reasonToDrop } from './query-port.ts'
import { UdpClient } from './udp-client.ts'

export interface UdpListenerPorts {
  readonly clock: Clock
  readonly meters: Meters
  readonly log: Log
  /** Where a query from `client` was going before capture rules turned it to `local`, our address. */
  readonly originalServer?: (
    client: SocketAddress,
    local: SocketAddress,
  ) => SocketAddress | undefined
}

/** Room for an answer of the fast path; larger ones take the other path. */
const fastAnswerOctets = 4_096

/**
 * Serves DNS on a UDP socket of its own.
 * @throws {ServeBindError} when the address cannot be had.
 */
export async function listenUdp(
  where: SocketAddress,
  resolver: QueryPort,
  ports: UdpListenerPorts & { readonly options: UdpServeOptions },
): Promise<UdpListener> {
  const socket = await bindUdp(where, ports.options.receiveBufferOctets)
  return new UdpListener(socket, resolver, { ...ports, sending: 'at-once' })
}

/** Serves DNS on a bound socket that comes from somewhere else; it is ours, and closed, from here on. */
export function adoptUdp(
  socket: Socket,
  resolver: QueryPort,
  ports: UdpListenerPorts & { readonly options?: UdpServeOptions },
): UdpListener {
  if (ports.options) socket.setRecvBufferSize(ports.options.receiveBufferOctets)
  return new UdpListener(socket, resolver, { ...ports, sending: 'later' })
}

interface Ports extends UdpListenerPorts {
  /** Whether `send` is done with the octets when it returns, so that they can be used again. */
  readonly sending: 'at-once' | 'later'
}

/** Brings datagrams to the resolver and answers back. */
export class UdpListener implements Running {
  readonly #socket: Socket
  readonly #resolver: QueryPort
  readonly #ports: Ports
  readonly #sendErrors: Cell
  #answer = Buffer.allocUnsafeSlow(fastAnswerOctets)
  #open = true

  constructor(socket: Socket, resolver: QueryPort, ports: Ports) {
    this.#socket = socket
    this.#resolver = resolver
    this.#ports = ports
    this.#sendErrors = ports.meters.cell(sendErrors, 'udp')
    socket.on('message', (message, from) => this.#receive(message, from))
    socket.on('error', () => {
      ports.meters.cell(socketErrors).value += 1
    })
    socket.once('close', () => {
      this.#open = false
    })
  }

  get address(): SocketAddress {
    return boundAddress(this.#socket)
  }

  /** Answers that are still owed are dropped. */
  async stop(): Promise<void> {
    if (!this.#open) return
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#socket.close(resolve)
    this.#open = false
    await promise
  }

  #receive(message: Buffer, from: RemoteInfo): void {
    const drop = from.port === 0 ? 'source_port' : reasonToDrop(message)
    if (drop !== undefined) {
      this.#ports.meters.cell(droppedMessages, drop).value += 1
      return
    }
    try {
      this.#resolve(message, from)
    } catch (error) {
      this.#ports.meters.cell(droppedMessages, 'internal_error').value += 1
      this.#ports.log.error({ client: from.address, error }, 'query broke the resolver')
    }
  }

  #resolve(message: Buffer, from: RemoteInfo): void {
    const nowMs = this.#ports.clock.now()
    const length = this.#resolver.answer(message, message.length, this.#answer, 'udp', nowMs)
    if (length > 0) {
      this.#sendFast(length, from)
      return
    }
    const client = new UdpClient(from, this.#reply, this.#original)
    this.#resolver.query(message, client, nowMs)
  }

  /** Sends out of the shared buffer; where the socket kept it, the next answer gets another one. */
  #sendFast(length: number, from: RemoteInfo): void {
    const octets = this.#answer.subarray(0, length)
    if (this.#ports.sending === 'later') {
      this.#socket.send(Buffer.from(octets), from.port, from.address, this.#sent)
      return
    }
    this.#socket.send(octets, from.port, from.address, this.#sent)
    if (this.#socket.getSendQueueCount() > 0) {
      this.#answer = Buffer.allocUnsafeSlow(fastAnswerOctets)
    }
  }

  readonly #reply = (octets: Uint8Array, to: RemoteInfo): void => {
    if (this.#open) this.#socket.send(octets, to.port, to.address, this.#sent)
  }

  readonly #original = (from: RemoteInfo): SocketAddress | undefined =>
    this.#open ? this.#ports.originalServer?.(splitZone(from), this.address) : undefined

  readonly #sent = (error: Error | null): void => {
    if (error) this.#sendErrors.value += 1
  }
}
