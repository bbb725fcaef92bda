import type { SocketAddress } from '../ip/socket-address.ts'

export type Transport = 'udp' | 'tcp'

/** Who asked, as long as the answer is owed; made by a driver, one per query. */
export interface Client {
  readonly transport: Transport
  /** For people; formatted only when somebody looks. */
  describe(): string
  /** The server that the client meant, where a capture rule caught a query to another one than ours. */
  originalServer(): SocketAddress | undefined
  /** Carries the answer back; the octets are the client's from here on. At most once. */
  reply(octets: Uint8Array): void
}

/** One question on its way to an upstream. */
export interface Exchange {
  readonly server: SocketAddress
  readonly transport: Transport
  /**
   * Which of the driver's sockets carries it: below `udpLanes` for UDP, where several exchanges share
   * a socket; a number of its own for TCP.
   */
  readonly lane: number
  readonly octets: Uint8Array
}

/** UDP sockets that a driver keeps towards one server, at most; each has a port of its own. */
export const udpLanes = 64

/**
 * What the resolver wants done; the driver does it and reports back through `Resolver.received`,
 * `Resolver.failed` and `Resolver.tick`. No call may call back into the resolver before it returned.
 */
export interface Driver {
  /** Sends the octets to the exchange's server. */
  ask(exchange: Exchange): void
  /** Nobody waits for this exchange any longer: its connection may be closed. */
  forget(exchange: Exchange): void
  /** Calls `Resolver.tick` at this time of the clock, in place of any time asked for before. */
  wakeAt(timeMs: number): void
}
