import type { Running } from '../base/scope.ts'
import type { Driver, Exchange } from '../resolve/driver.ts'
import type { UpstreamPorts, UpstreamReports } from './upstream-port.ts'
import { UpstreamTcp } from './upstream-tcp.ts'
import { UpstreamUdp } from './upstream-udp.ts'

/** What the driver calls when something happens. */
export interface DriverReports extends UpstreamReports {
  tick(nowMs: number): void
}

/** Carries out what the resolver wants, on Node's own sockets and timers. */
export class NodeDriver implements Driver, Running {
  readonly #ports: UpstreamPorts
  readonly #udp: UpstreamUdp
  readonly #tcp: UpstreamTcp
  #reports: DriverReports | undefined
  #wakeAtMs = Number.POSITIVE_INFINITY
  #timerAtMs = Number.POSITIVE_INFINITY
  #cancelTimer = () => {}

  constructor(ports: UpstreamPorts) {
    this.#ports = ports
    const reports: UpstreamReports = {
      received: (...event) => this.#reports?.received(...event),
      failed: (...event) => this.#reports?.failed(...event),
    }
    this.#udp = new UpstreamUdp(reports, ports)
    this.#tcp = new UpstreamTcp(reports, ports)
  }

  /** Names the resolver, which itself cannot be made without a driver. */
  attach(reports: DriverReports): void {
    this.#reports = reports
  }

  ask(exchange: Exchange): void {
    const carrier = exchange.transport === 'udp' ? this.#udp : this.#tcp
    carrier.ask(exchange)
  }

  forget(exchange: Exchange): void {
    const carrier = exchange.transport === 'udp' ? this.#udp : this.#tcp
    carrier.forget(exchange)
  }

  /** A timer that would go off earlier is kept, and set again when it does: most are overtaken. */
  wakeAt(timeMs: number): void {
    this.#wakeAtMs = timeMs
    if (timeMs >= this.#timerAtMs) return
    this.#cancelTimer()
    this.#setTimer(timeMs)
  }

  /** Questions under way get no answer any more; the resolver is not called again. */
  async stop(): Promise<void> {
    this.#reports = undefined
    this.#cancelTimer()
    this.#timerAtMs = Number.NEGATIVE_INFINITY
    this.#udp.stop()
    this.#tcp.stop()
  }

  #setTimer(timeMs: number): void {
    const { clock } = this.#ports
    this.#timerAtMs = timeMs
    const delayMs = Math.max(0, Math.ceil(timeMs - clock.now()))
    this.#cancelTimer = clock.after(delayMs, () => this.#wake())
  }

  #wake(): void {
    const nowMs = this.#ports.clock.now()
    this.#timerAtMs = Number.POSITIVE_INFINITY
    if (this.#wakeAtMs === Number.POSITIVE_INFINITY) return
    if (nowMs < this.#wakeAtMs) {
      this.#setTimer(this.#wakeAtMs)
      return
    }
    this.#wakeAtMs = Number.POSITIVE_INFINITY
    this.#reports?.tick(nowMs)
  }
}
