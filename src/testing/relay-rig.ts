import { connect, type Socket } from 'node:net'
import { buildRouteTable, type RouteTable } from '../balance/route-table.ts'
import { Health } from '../base/health.ts'
import type { LogFields } from '../base/log.ts'
import { Meters } from '../base/meters.ts'
import type { Lookup } from '../dataplane/name-cache.ts'
import { RelayOptions } from '../dataplane/options.ts'
import { type Relay, startRelay } from '../dataplane/relay.ts'
import { parsePrefix } from '../ip/prefix.ts'
import { parseSocketAddress, type SocketAddress } from '../ip/socket-address.ts'
import type { Service } from '../registry/service.ts'
import { FakeClock } from './fake-clock.ts'
import { view } from './mesh.ts'

export interface RelayRigOptions {
  readonly services?: readonly Service[]
  /** Hosts of namespace `default` and their virtual addresses. */
  readonly virtual?: Readonly<Record<string, string>>
  readonly options?: Partial<RelayOptions>
  readonly lookup?: Lookup
}

/** A relay on loopback that is told where each connection was going, as a kernel would. */
export interface RelayRig {
  readonly relay: Relay
  readonly clock: FakeClock
  readonly health: Health
  readonly warnings: readonly LogFields[]
  /** A client, still connecting, whose connection to this address is captured. */
  call(destination: string): Socket
  /** Where connections go. */
  readonly table: RouteTable
  /** All counters with a value, as `name{label}` and number. */
  counters(): Readonly<Record<string, number>>
  stop(): Promise<void>
}

const virtualPrefixes = [parsePrefix('240.240.0.0/16'), parsePrefix('2001:2::/48')]

export function routeTable(
  services: readonly Service[],
  virtual: Readonly<Record<string, string>> = {},
): RouteTable {
  return buildRouteTable(view(services, virtual), virtualPrefixes)
}

export async function startRelayRig(given: RelayRigOptions = {}): Promise<RelayRig> {
  const clock = new FakeClock()
  const health = new Health()
  const meters = new Meters()
  const warnings: LogFields[] = []
  const log = {
    error() {},
    info() {},
    debug() {},
    warn: (fields: LogFields) => warnings.push(fields),
  }
  const destinations = new Map<string, SocketAddress>()
  const options = RelayOptions.parse({ listen: ['127.0.0.1:0'], ...given.options })
  const lookup = given.lookup ?? (async () => ({ addresses: [], ttlSeconds: 30 }))
  const originalDestination = ({ remoteAddress = '' }: Socket) => destinations.get(remoteAddress)
  const table = routeTable(given.services ?? [], given.virtual)
  const ports = { clock, health, meters, log, lookup, originalDestination }
  const relay = await startRelay(options, table, ports)
  const clients: Socket[] = []

  return {
    relay,
    table,
    clock,
    health,
    warnings,
    call(destination) {
      // Each client has an address of its own, by which the relay's side recognises it.
      const localAddress = `127.1.${clients.length >> 8}.${(clients.length & 255) + 1}`
      destinations.set(localAddress, parseSocketAddress(destination))
      const port = relay.addresses[0]?.port ?? 0
      const client = connect({ host: '127.0.0.1', port, localAddress, allowHalfOpen: true })
      client.on('error', () => {})
      clients.push(client)
      return client
    },
    counters() {
      const cells = [...meters.cells()].flatMap(([{ name }, byLabel]) =>
        [...byLabel].map(
          ([label, { value }]) => [label ? `${name}{${label}}` : name, value] as const,
        ),
      )
      return Object.fromEntries(cells.filter(([, value]) => value > 0))
    },
    async stop() {
      for (const client of clients) client.destroy()
      await relay.stop()
    },
  }
}
