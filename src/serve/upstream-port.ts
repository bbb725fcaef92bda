import type { Clock } from '../base/clock.ts'
import type { Meters } from '../base/meters.ts'
import type { IpFamily } from '../ip/address.ts'
import type { SocketAddress } from '../ip/socket-address.ts'
import type { UpstreamSocketOptions } from './options.ts'

/** The side of the resolver that hears of upstreams; never called while it asks something of us. */
export interface UpstreamReports {
  received(server: SocketAddress, lane: number, octets: Uint8Array, nowMs: number): void
  failed(server: SocketAddress, lane: number, reason: string, nowMs: number): void
}

export interface UpstreamPorts {
  readonly clock: Clock
  readonly meters: Meters
  readonly options: UpstreamSocketOptions
  /**
   * Makes a non-blocking socket, not bound yet, and gives its descriptor away; for instance one that
   * carries the mark (SO_MARK) by which capture rules know our own traffic.
   */
  readonly openSocket?: (transport: 'udp' | 'tcp', family: IpFamily) => number
}

/** What the system calls an error (`ECONNREFUSED`), or else its message. */
export function reasonOf(error: unknown): string {
  const { code, message } = error as { code?: unknown; message?: unknown }
  return typeof code === 'string' ? code : String(message ?? error)
}
