import type { Cell } from '../base/meters.ts'
import type { SocketAddress } from '../ip/socket-address.ts'
import type { Exchange } from '../resolve/driver.ts'
import { ConnectedUdp } from './connected-udp.ts'
import { upstreamSocketErrors, upstreamSockets } from './meters.ts'
import type { UpstreamPorts, UpstreamReports } from './upstream-port.ts'

/** Which socket of which server. */
type Place = Pick<Exchange, 'server' | 'lane'>

/**
 * Asks servers over UDP: for each lane a socket, so that a forger must guess its port as well.
 *
 * A port is used for a while and then replaced by another one; the old one stays for the answers
 * that are under way.
 */
export class UpstreamUdp {
  readonly #reports: UpstreamReports
  readonly #ports: UpstreamPorts
  readonly #gauge: Cell
  /** Every open socket; those that are not in `#lanes` any more only wait for answers. */
  readonly #sockets = new Map<ConnectedUdp, Place>()
  readonly #lanes = new Map<SocketAddress, Map<number, ConnectedUdp>>()
  readonly #carriers = new Map<Exchange, ConnectedUdp>()
  #cancelSweep: (() => void) | undefined

  constructor(reports: UpstreamReports, ports: UpstreamPorts) {
    this.#reports = reports
    this.#ports = ports
    this.#gauge = ports.meters.cell(upstreamSockets, 'udp')
  }

  ask(exchange: Exchange): void {
    const socket = this.#socketFor(exchange)
    if (!socket) {
      queueMicrotask(() => this.#failed(exchange, 'too many sockets'))
      return
    }
    socket.outstanding += 1
    this.#carriers.set(exchange, socket)
    socket.send(exchange.octets, this.#ports.clock.now())
  }

  forget(exchange: Exchange): void {
    const socket = this.#carriers.get(exchange)
    if (!socket) return
    this.#carriers.delete(exchange)
    socket.outstanding -= 1
    if (socket.outstanding === 0 && !this.#isCurrent(socket)) this.#close(socket)
  }

  stop(): void {
    for (const socket of this.#sockets.keys()) this.#close(socket)
    this.#carriers.clear()
    this.#cancelSweep?.()
    this.#cancelSweep = undefined
  }

  /** The lane's socket, or a new one where it has none or has used its port for long enough. */
  #socketFor(place: Place): ConnectedUdp | undefined {
    const held = this.#lanes.get(place.server)?.get(place.lane)
    if (held && !this.#isWornOut(held)) return held
    if (held) this.#retire(held)
    const isFull = this.#sockets.size >= this.#ports.options.maxSockets
    return isFull && !this.#makeRoom() ? undefined : this.#open(place)
  }

  #open({ server, lane }: Place): ConnectedUdp {
    const { clock, meters } = this.#ports
    const received = (octets: Uint8Array) =>
      this.#reports.received(server, lane, octets, clock.now())
    const failed = (reason: string) => {
      meters.cell(upstreamSocketErrors, reason).value += 1
      this.#remove(socket)
      this.#failed({ server, lane }, reason)
    }
    const socket = new ConnectedUdp(server, { received, failed }, this.#ports)
    const lanes = this.#lanes.get(server) ?? new Map<number, ConnectedUdp>()
    this.#lanes.set(server, lanes.set(lane, socket))
    this.#sockets.set(socket, { server, lane })
    this.#gauge.value = this.#sockets.size
    this.#sweepLater()
    return socket
  }

  #failed({ server, lane }: Place, reason: string): void {
    this.#reports.failed(server, lane, reason, this.#ports.clock.now())
  }

  #isWornOut(socket: ConnectedUdp): boolean {
    const { usesPerPort, portAgeMs } = this.#ports.options
    return socket.uses >= usesPerPort || this.#ports.clock.now() - socket.openedMs >= portAgeMs
  }

  #isCurrent(socket: ConnectedUdp): boolean {
    const place = this.#sockets.get(socket)
    return place !== undefined && this.#lanes.get(place.server)?.get(place.lane) === socket
  }

  /** Nothing more is sent from it; it closes when nobody waits on it. */
  #retire(socket: ConnectedUdp): void {
    if (socket.outstanding === 0) this.#close(socket)
    else this.#vacate(socket)
  }

  /** Closes the socket that nobody waits on and that was idle longest. */
  #makeRoom(): boolean {
    let idlest: ConnectedUdp | undefined
    for (const socket of this.#sockets.keys()) {
      const isIdle = socket.outstanding === 0
      if (isIdle && (idlest === undefined || socket.usedMs < idlest.usedMs)) idlest = socket
    }
    if (idlest) this.#close(idlest)
    return idlest !== undefined
  }

  #sweepLater(): void {
    const { clock, options } = this.#ports
    this.#cancelSweep ??= clock.after(options.lingerMs, () => this.#sweep())
  }

  /** Closes what has not been used for a while, answered or not. */
  #sweep(): void {
    this.#cancelSweep = undefined
    const before = this.#ports.clock.now() - this.#ports.options.lingerMs
    for (const socket of this.#sockets.keys()) {
      if (socket.usedMs <= before) this.#close(socket)
    }
    if (this.#sockets.size > 0) this.#sweepLater()
  }

  #close(socket: ConnectedUdp): void {
    socket.close()
    this.#remove(socket)
  }

  #remove(socket: ConnectedUdp): void {
    this.#vacate(socket)
    this.#sockets.delete(socket)
    this.#gauge.value = this.#sockets.size
  }

  #vacate(socket: ConnectedUdp): void {
    const place = this.#sockets.get(socket)
    if (!place || !this.#isCurrent(socket)) return
    const lanes = this.#lanes.get(place.server)
    lanes?.delete(place.lane)
    if (lanes?.size === 0) this.#lanes.delete(place.server)
  }
}
