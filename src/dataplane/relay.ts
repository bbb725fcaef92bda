import { once } from 'node:events'
import type { Server, Socket } from 'node:net'
import { Balancer } from '../balance/balancer.ts'
import { RecentFailures } from '../balance/recent-failures.ts'
import type { Routes } from '../balance/route-table.ts'
import type { Clock } from '../base/clock.ts'
import type { Health } from '../base/health.ts'
import type { Log } from '../base/log.ts'
import type { Meters } from '../base/meters.ts'
import type { Running } from '../base/scope.ts'
import { boundAddress } from '../ip/bind-server.ts'
import type { SocketAddress } from '../ip/socket-address.ts'
import { Connector } from './connector.ts'
import type { OpenSocket } from './dial.ts'
import { relayFull } from './health.ts'
import { listenAll, prepareServer } from './listen.ts'
import {
  connectionsActive,
  connectionsOpened,
  connectionsRefused,
  lookupFailures,
} from './meters.ts'
import { type Lookup, NameCache } from './name-cache.ts'
import type { RelayOptions } from './options.ts'
import { refusal } from './refusal.ts'
import { RefusalLog } from './refusal-log.ts'
import { type ConnectionPorts, describeClient, relayConnection } from './relay-connection.ts'
import { reset } from './reset.ts'

export interface RelayPorts {
  readonly clock: Clock
  readonly log: Log
  readonly meters: Meters
  readonly health: Health
  readonly lookup: Lookup
  /** Where a captured connection was going; its own local address when nobody redirected it. */
  readonly originalDestination: (client: Socket) => SocketAddress | undefined
  readonly openSocket?: OpenSocket
  /** They listen already, perhaps in another network namespace; the relay closes them. */
  readonly servers?: readonly Server[]
}

/**
 * Starts carrying captured connections as `table` says.
 * @throws {RelayListenError} when an address of the options cannot be had; nothing listens then.
 */
export async function startRelay(
  options: RelayOptions,
  table: Routes,
  ports: RelayPorts,
): Promise<Relay> {
  const listening = await listenAll(options.listen, ports.log)
  const servers = [...listening, ...(ports.servers ?? [])]
  return new Relay(options, table, { ...ports, servers })
}

/** Carries captured connections to the endpoints of the mesh, or to where they were going. */
export class Relay implements Running {
  /** Where it listens, with the real port where 0 was asked for. */
  readonly addresses: readonly SocketAddress[]
  readonly #options: RelayOptions
  readonly #ports: RelayPorts
  readonly #servers: readonly Server[]
  readonly #connectionPorts: ConnectionPorts
  readonly #connections = new Map<Socket, AbortController>()
  readonly #table: Routes
  #onEmpty: () => void = () => {}
  #stopping: Promise<void> | undefined

  constructor(options: RelayOptions, table: Routes, ports: RelayPorts) {
    this.#options = options
    this.#table = table
    this.#ports = ports
    this.#servers = ports.servers ?? []
    this.addresses = this.#servers.map(boundAddress)
    const { clock, log, meters, originalDestination } = ports
    this.#connectionPorts = {
      clock,
      log,
      meters,
      options,
      originalDestination,
      connector: this.#createConnector(),
      refusals: new RefusalLog(log, clock),
      table,
      isOwn: (at) => this.#isOwn(at),
    }
    meters.reading(connectionsActive, () => this.#connections.size)
    for (const server of this.#servers) {
      prepareServer(server)
      server.on('connection', (client: Socket) => this.#accept(client))
    }
  }

  /** Connections that are under way. */
  get active(): number {
    return this.#connections.size
  }

  /** Accepts nothing more, gives connections a while to end by themselves, then resets them. */
  stop(): Promise<void> {
    this.#stopping ??= this.#stop()
    return this.#stopping
  }

  async #stop(): Promise<void> {
    const closed = this.#servers.map(async (server) => {
      if (!server.listening) return
      server.close()
      await once(server, 'close')
    })
    if (this.#connections.size > 0) await this.#drain()
    await Promise.all(closed)
  }

  #accept(client: Socket): void {
    this.#ports.meters.cell(connectionsOpened).value += 1
    // What breaks shows in the socket's end.
    client.on('error', () => {})
    if (this.#connections.size >= this.#options.maxConnections) {
      this.#refuseSurplus(client)
      return
    }
    client.setNoDelay(true)
    void this.#serve(client)
  }

  async #serve(client: Socket): Promise<void> {
    const { health, log } = this.#ports
    const cut = new AbortController()
    this.#connections.set(client, cut)
    try {
      await relayConnection(client, cut, this.#connectionPorts)
    } catch (error) {
      log.error({ client: describeClient(client), error }, 'a connection failed in the relay')
      reset(client)
    }
    this.#connections.delete(client)
    if (this.#connections.size < this.#options.maxConnections * 0.9) health.clear(relayFull)
    if (this.#connections.size === 0) this.#onEmpty()
  }

  #refuseSurplus(client: Socket): void {
    const { health, meters, originalDestination } = this.#ports
    const refused = refusal('too_many_connections')
    health.set(relayFull, `${this.#options.maxConnections} connections`)
    meters.cell(connectionsRefused, refused.reason).value += 1
    const call = { client: describeClient(client), original: originalDestination(client) }
    this.#connectionPorts.refusals.tell(refused, { ...call, host: undefined })
    reset(client)
  }

  async #drain(): Promise<void> {
    await new Promise<void>((resolve) => {
      const cancel = this.#ports.clock.after(this.#options.drainMs, resolve)
      this.#onEmpty = () => {
        cancel()
        resolve()
      }
    })
    for (const [client, cut] of this.#connections) {
      cut.abort()
      reset(client)
    }
  }

  #createConnector(): Connector {
    const { clock, lookup, meters, openSocket } = this.#ports
    const { avoidMs, connectTimeoutMs, maxLookups, maxNames } = this.#options
    const failures = new RecentFailures(clock, avoidMs)
    const lost = meters.cell(lookupFailures)
    const names = new NameCache({ clock, lookup, maxLookups, maxNames, failures: lost })
    const isForbidden = (at: SocketAddress) => this.#isOwn(at) || this.#table.isVirtual(at.address)
    const balancer = new Balancer(failures)
    const ports = { clock, meters, balancer, failures, names, isForbidden, openSocket }
    return new Connector(ports, connectTimeoutMs)
  }

  #isOwn({ address, port }: SocketAddress): boolean {
    return this.addresses.some((own) => own.address === address && own.port === port)
  }
}
