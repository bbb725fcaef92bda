import type { Socket } from 'node:net'
import type { Clock } from '../base/clock.ts'
import type { Log } from '../base/log.ts'
import type { Meters } from '../base/meters.ts'
import type { SocketAddress } from '../ip/socket-address.ts'
import { FrameReader, frameOf } from './frame-reader.ts'
import { droppedMessages, sendErrors, tcpConnectionsCut } from './meters.ts'
import type { TcpServeOptions } from './options.ts'
import { type QueryPort, reasonToDrop } from './query-port.ts'
import { TcpClient, type TcpClientConnection } from './tcp-client.ts'

export interface TcpConnectionPorts {
  readonly clock: Clock
  readonly meters: Meters
  readonly log: Log
  readonly options: TcpServeOptions
  /** Where a caught connection was going before the capture rules turned it to us. */
  readonly originalServer?: (socket: Socket) => SocketAddress | undefined
  /** Room for an answer of the fast path; shared, since it is copied before anything else happens. */
  readonly scratch: Uint8Array
}

/**
 * One client's connection: queries in, answers out in whatever order they become ready (RFC 7766 §7).
 *
 * It reads on only while the client takes its answers and has few queries under way, so what it
 * holds in memory is bounded.
 */
export class TcpConnection implements TcpClientConnection {
  readonly peer: string
  readonly #socket: Socket
  readonly #resolver: QueryPort
  readonly #ports: TcpConnectionPorts
  readonly #frames: FrameReader
  readonly #inFlight = new Set<TcpClient>()
  #pumping = false
  /** The client has said its last word, or the last that we listen to. */
  #ended = false
  /** What still comes is thrown away. */
  #deaf = false
  /** When a query or an answer was last completed; octets that trickle in do not count. */
  #activeMs: number
  #cancelTimer = () => {}

  constructor(socket: Socket, resolver: QueryPort, ports: TcpConnectionPorts) {
    this.peer = `${socket.remoteAddress ?? '?'} port ${socket.remotePort ?? '?'}`
    this.#socket = socket
    this.#resolver = resolver
    this.#ports = ports
    this.#frames = new FrameReader(ports.options.maxQueryOctets)
    this.#activeMs = ports.clock.now()
    socket.setNoDelay(true)
    socket.on('data', (chunk) => {
      if (this.#deaf) return
      this.#frames.push(chunk)
      this.#pump()
    })
    socket.on('drain', () => {
      this.#touch()
      this.#pump()
    })
    socket.on('end', () => {
      this.#ended = true
      this.#finishIfDone()
    })
    socket.on('error', () => {})
    socket.once('close', () => {
      this.#cancelTimer()
      this.#inFlight.clear()
    })
    this.#watch(ports.options.idleTimeoutMs)
  }

  originalServer(): SocketAddress | undefined {
    return this.#socket.destroyed ? undefined : this.#ports.originalServer?.(this.#socket)
  }

  answered(client: TcpClient, octets: Uint8Array): void {
    if (!this.#inFlight.delete(client)) return
    this.#write(octets)
    this.#pump()
  }

  close(): void {
    this.#socket.destroy()
  }

  /** Takes queries off the stream as long as their answers find room. */
  #pump(): void {
    if (this.#pumping) return
    this.#pumping = true
    this.#socket.cork()
    while (!this.#socket.destroyed && !this.#deaf && this.#hasRoom()) {
      const frame = this.#frames.next()
      if (frame === undefined) break
      if (frame.kind === 'message') this.#take(frame.octets)
      else this.#refuseMore('oversized_query')
    }
    this.#socket.uncork()
    this.#pumping = false
    if (this.#deaf || this.#hasRoom()) this.#socket.resume()
    else this.#socket.pause()
    this.#finishIfDone()
  }

  #hasRoom(): boolean {
    const { maxQueriesInFlight } = this.#ports.options
    return this.#inFlight.size < maxQueriesInFlight && !this.#socket.writableNeedDrain
  }

  #take(query: Uint8Array): void {
    const drop = reasonToDrop(query)
    if (drop !== undefined) {
      this.#ports.meters.cell(droppedMessages, drop).value += 1
      return
    }
    this.#touch()
    const client = new TcpClient(this)
    this.#inFlight.add(client)
    try {
      this.#resolve(query, client)
    } catch (error) {
      this.#inFlight.delete(client)
      this.#ports.meters.cell(droppedMessages, 'internal_error').value += 1
      this.#ports.log.error({ client: this.peer, error }, 'query broke the resolver')
    }
  }

  #resolve(query: Uint8Array, client: TcpClient): void {
    const { clock, scratch } = this.#ports
    const nowMs = clock.now()
    const length = this.#resolver.answer(query, query.length, scratch, 'tcp', nowMs)
    if (length > 0) client.reply(scratch.subarray(0, length))
    else this.#resolver.query(query, client, nowMs)
  }

  #write(octets: Uint8Array): void {
    if (this.#socket.destroyed) return
    if (octets.length > 65_535) {
      this.#ports.meters.cell(sendErrors, 'tcp').value += 1
      return
    }
    this.#touch()
    this.#socket.write(frameOf(octets))
    if (this.#socket.writableLength > this.#ports.options.maxQueuedOctets) this.#cut('slow_reader')
  }

  /** A client that has said its last word still gets what it asked for (RFC 7766 §6.2.4). */
  #finishIfDone(): void {
    const owes = this.#inFlight.size > 0 || (!this.#deaf && this.#frames.isReady)
    if (this.#ended && !owes && !this.#socket.writableEnded) this.#socket.end()
  }

  #touch(): void {
    this.#activeMs = this.#ports.clock.now()
  }

  #watch(delayMs: number): void {
    this.#cancelTimer = this.#ports.clock.after(delayMs, () => this.#judgeIdle())
  }

  #judgeIdle(): void {
    const { idleTimeoutMs, answerTimeoutMs } = this.#ports.options
    const waiting = this.#inFlight.size > 0
    const allowedMs = waiting ? answerTimeoutMs : idleTimeoutMs
    const leftMs = this.#activeMs + allowedMs - this.#ports.clock.now()
    if (leftMs > 0) this.#watch(Math.min(leftMs, idleTimeoutMs))
    else if (waiting) this.#cut('unanswered')
    else this.#cut(this.#socket.writableLength > 0 ? 'slow_reader' : 'idle')
  }

  /** Answers what was asked and closes; a close with octets unread would take the answers back. */
  #refuseMore(reason: string): void {
    this.#ports.meters.cell(tcpConnectionsCut, reason).value += 1
    this.#deaf = true
    this.#ended = true
  }

  #cut(reason: string): void {
    this.#ports.meters.cell(tcpConnectionsCut, reason).value += 1
    this.#socket.destroy()
  }
}
