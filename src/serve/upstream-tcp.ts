import { Socket } from 'node:net'
import type { Cell } from '../base/meters.ts'
import { familyOf } from '../ip/address.ts'
import { socketHost } from '../ip/socket-address.ts'
import type { Exchange } from '../resolve/driver.ts'
import { FrameReader, frameOf } from './frame-reader.ts'
import { upstreamSocketErrors, upstreamSockets } from './meters.ts'
import { reasonOf, type UpstreamPorts, type UpstreamReports } from './upstream-port.ts'

const maxReplyOctets = 65_535

/** Asks servers over TCP, a connection for each question. */
export class UpstreamTcp {
  readonly #reports: UpstreamReports
  readonly #ports: UpstreamPorts
  readonly #gauge: Cell
  readonly #connections = new Map<Exchange, Socket>()

  constructor(reports: UpstreamReports, ports: UpstreamPorts) {
    this.#reports = reports
    this.#ports = ports
    this.#gauge = ports.meters.cell(upstreamSockets, 'tcp')
  }

  ask(exchange: Exchange): void {
    if (this.#connections.size >= this.#ports.options.maxConnections) {
      queueMicrotask(() => this.#report(exchange, 'too many connections'))
      return
    }
    try {
      this.#connect(exchange)
    } catch (error) {
      queueMicrotask(() => this.#report(exchange, reasonOf(error)))
    }
  }

  forget(exchange: Exchange): void {
    const socket = this.#connections.get(exchange)
    if (!socket) return
    this.#connections.delete(exchange)
    this.#gauge.value = this.#connections.size
    socket.destroy()
  }

  stop(): void {
    for (const exchange of this.#connections.keys()) this.forget(exchange)
  }

  #connect(exchange: Exchange): void {
    const { server } = exchange
    const socket = this.#createSocket(exchange)
    const frames = new FrameReader(maxReplyOctets)
    socket.setNoDelay(true)
    socket.on('data', (chunk) => {
      frames.push(chunk)
      const frame = frames.next()
      if (frame?.kind === 'message') this.#received(exchange, frame.octets)
    })
    socket.once('error', (error) => this.#failed(exchange, reasonOf(error)))
    socket.once('close', () => this.#failed(exchange, 'closed before the reply'))
    this.#connections.set(exchange, socket)
    this.#gauge.value = this.#connections.size
    socket.connect({ port: server.port, host: socketHost(server) })
    socket.write(frameOf(exchange.octets))
  }

  #createSocket({ server }: Exchange): Socket {
    const { openSocket } = this.#ports
    if (!openSocket) return new Socket()
    // Without `manualStart` Node reads at once, which fails since nothing is connected yet.
    const options = {
      fd: openSocket('tcp', familyOf(server.address)),
      readable: true,
      writable: true,
      manualStart: true,
    }
    return new Socket(options)
  }

  #received(exchange: Exchange, octets: Uint8Array): void {
    if (!this.#connections.has(exchange)) return
    this.forget(exchange)
    this.#reports.received(exchange.server, exchange.lane, octets, this.#ports.clock.now())
  }

  #failed(exchange: Exchange, reason: string): void {
    if (!this.#connections.has(exchange)) return
    this.forget(exchange)
    this.#report(exchange, reason)
  }

  #report({ server, lane }: Exchange, reason: string): void {
    this.#ports.meters.cell(upstreamSocketErrors, reason).value += 1
    this.#reports.failed(server, lane, reason, this.#ports.clock.now())
  }
}
