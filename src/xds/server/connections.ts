import type { Socket } from 'node:net'
import type { Clock } from '../../base/clock.ts'
import type { Meters } from '../../base/meters.ts'
import { xdsConnections } from './meters.ts'
import type { XdsLimitOptions } from './options.ts'
import type { Refusals } from './refusals.ts'
import { peerOf } from './tls-handshakes.ts'

/** The two kinds of port, as the meters call them. */
export type PortKind = 'plaintext' | 'tls'

interface Connection {
  readonly kind: PortKind
  readonly cancelTimer: () => void
  hasCalled: boolean
}

export interface ConnectionsPorts {
  readonly clock: Clock
  readonly meters: Meters
  readonly refusals: Refusals
  readonly limits: XdsLimitOptions
}

/** Connections that speak HTTP/2, by the address of their other end, as calls name it. */
export class Connections {
  readonly #ports: ConnectionsPorts
  readonly #byPeer = new Map<string, Connection>()

  constructor(ports: ConnectionsPorts) {
    this.#ports = ports
  }

  /** One that makes no call in time is closed. */
  add(socket: Socket, kind: PortKind): void {
    const { clock, meters, refusals, limits } = this.#ports
    const peer = peerOf(socket)
    const cancelTimer = clock.after(limits.firstRequestTimeoutMs, () => {
      refusals.tell('no_request', { client: peer })
      connection.hasCalled = true
      socket.destroy()
    })
    const connection: Connection = { kind, cancelTimer, hasCalled: false }
    this.#byPeer.set(peer, connection)
    meters.cell(xdsConnections, kind).value += 1
    socket.once('close', () => {
      cancelTimer()
      meters.cell(xdsConnections, kind).value -= 1
      // Why a session was broken off is only said after its socket has closed.
      setImmediate(() => this.#forget(peer, connection, socket.bytesRead > 0))
    })
  }

  /** A call was made. */
  called(peer: string): void {
    const connection = this.#byPeer.get(peer)
    if (!connection) return
    connection.cancelTimer()
    connection.hasCalled = true
  }

  /** What came on it is not to be borne, so that it was broken off. */
  broken(peer: string, error: Error): void {
    const connection = this.#byPeer.get(peer)
    const isForeign = !connection?.hasCalled && /magic/.test(error.message)
    if (connection) connection.hasCalled = true
    this.#ports.refusals.tell(isForeign ? 'not_http2' : 'http2_misused', { client: peer, error })
  }

  /** Whether the other end came without TLS; what is not known counts as with TLS. */
  isPlaintext(peer: string): boolean {
    return this.#byPeer.get(peer)?.kind === 'plaintext'
  }

  #forget(peer: string, connection: Connection, hasSpoken: boolean): void {
    if (!connection.hasCalled && hasSpoken) {
      this.#ports.refusals.tell('not_http2', { client: peer })
    }
    if (this.#byPeer.get(peer) === connection) this.#byPeer.delete(peer)
  }
}
