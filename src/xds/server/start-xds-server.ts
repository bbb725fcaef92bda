import { ServerCredentials } from '@grpc/grpc-js'
import { CodedError } from '../../base/coded-error.ts'
import { inSlices } from '../../base/in-slices.ts'
import type { Running } from '../../base/scope.ts'
import { isLoopback } from '../../ip/address.ts'
import {
  formatSocketAddress,
  parseSocketAddress,
  type SocketAddress,
} from '../../ip/socket-address.ts'
import type { ResourceChange } from '../../translate/discovery/resource.ts'
import { ConnectionGate } from './connection-gate.ts'
import { Connections, type PortKind } from './connections.ts'
import { Discovery } from './discovery.ts'
import { createGrpcServer } from './grpc-server.ts'
import { xdsPlaintextOpen } from './health.ts'
import { hearOfBrokenSessions } from './http2-sessions.ts'
import { isWithoutFamily } from './listen.ts'
import { type Listener, startListener } from './listener.ts'
import type { XdsServerOptions } from './options.ts'
import type { XdsServerPorts } from './ports.ts'
import type { ProxyStatus } from './proxy-status.ts'
import { Refusals } from './refusals.ts'
import { TlsHandshakes } from './tls-handshakes.ts'

/** xDS without TLS is asked for where everybody could reach it. */
export class PlaintextClosedError extends CodedError {
  override readonly code = 'XDS_PLAINTEXT_CLOSED'

  constructor(where: SocketAddress) {
    super(
      `${formatSocketAddress(where)} is not loopback, and xDS without TLS asks nobody who he is`,
      {
        hint: 'Name an address of loopback in `plaintextAddress`, or set `plaintextOpen` if everybody who can reach it may know the mesh.',
      },
    )
  }
}

/** A running server of xDS. */
export interface XdsServer extends Running {
  /** Puts and drops resources; streams that may see them hear of it soon. */
  publish(change: ResourceChange): void
  /** Tables of names may be others than before, or what is known of the cluster. */
  singlesChanged(): void
  /** What proxies may see may be something else than before, and their tables of names with it. */
  scopesChanged(): void
  /** The oldest TLS that new connections may speak. */
  setMinTlsVersion(version: XdsServerOptions['minTlsVersion']): void
  /** All streams that have said who they are. */
  proxies(): readonly ProxyStatus[]
  /** Where connections are accepted. */
  addresses(): Readonly<Record<PortKind, readonly SocketAddress[]>>
}

/**
 * @throws {PlaintextClosedError} when it may not be served where it should.
 * @throws {XdsBindError} when an address cannot be had.
 */
export async function startXdsServer(
  options: XdsServerOptions,
  ports: XdsServerPorts,
): Promise<XdsServer> {
  const { clock, log, meters, tls, services } = ports
  const { limits } = options
  const plaintext = checkPlaintext(options, ports)
  const refusals = new Refusals(log, clock, meters)
  const parts = { clock, meters, refusals, limits }
  const connections = new Connections(parts)
  const discovery = new Discovery(options, ports, refusals)
  await inSlices((await ports.initial?.()) ?? [], (change) => discovery.publish(change), 1)
  const server = createGrpcServer(options, { ...parts, connections, discovery, services })
  const injector = server.createConnectionInjector(ServerCredentials.createInsecure())
  hearOfBrokenSessions(server, (peer, error) => connections.broken(peer, error))
  const gate = new ConnectionGate(clock, limits)
  const handshakes = new TlsHandshakes(tls, options, {
    refusals,
    onConnection(socket) {
      connections.add(socket, 'tls')
      injector.injectConnection(socket)
    },
  })
  const listeners: Record<PortKind, Listener[]> = { plaintext: [], tls: [] }
  const all = () => [...listeners.plaintext, ...listeners.tls]
  const stop = async () => {
    for (const listener of all()) listener.close()
    injector.drain(options.stopTimeoutMs)
    discovery.stop()
    await within(clock, options.stopTimeoutMs, Promise.all(all().map((each) => each.left())))
    await Promise.all(all().map((listener) => listener.stop()))
    injector.destroy()
  }
  try {
    const inPlain = (socket: Parameters<Connections['add']>[0]) => {
      connections.add(socket, 'plaintext')
      injector.injectConnection(socket)
    }
    const common = { gate, refusals }
    listeners.plaintext.push(await startListener(plaintext, { ...common, onConnection: inPlain }))
    const inTls = { ...common, onConnection: handshakes.begin.bind(handshakes) }
    for (const where of options.tlsAddresses.map(parseSocketAddress)) {
      const listener = await startListener(where, inTls).catch((error: unknown) => {
        if (!isWithoutFamily(error, where)) throw error
        log.debug({ address: formatSocketAddress(where) }, 'there is no such address family')
      })
      if (listener) listeners.tls.push(listener)
    }
  } catch (error) {
    await stop()
    throw error
  }
  return {
    publish: (change) => discovery.publish(change),
    singlesChanged: () => discovery.singlesChanged(),
    scopesChanged: () => discovery.scopesChanged(),
    setMinTlsVersion: (version) => handshakes.setMinVersion(version),
    proxies: () => discovery.proxies(),
    addresses: () => ({
      plaintext: listeners.plaintext.map(({ address }) => address),
      tls: listeners.tls.map(({ address }) => address),
    }),
    stop,
  }
}

function checkPlaintext(options: XdsServerOptions, { log, health }: XdsServerPorts): SocketAddress {
  const where = parseSocketAddress(options.plaintextAddress)
  if (isLoopback(where.address)) return where
  if (!options.plaintextOpen) throw new PlaintextClosedError(where)
  const address = formatSocketAddress(where)
  log.warn({ address }, 'xds without tls is served to everybody who can reach it')
  health.set(xdsPlaintextOpen, address)
  return where
}

/** Waits for something, but not for longer. */
async function within(
  clock: XdsServerPorts['clock'],
  timeoutMs: number,
  something: Promise<unknown>,
): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  const cancel = clock.after(timeoutMs, resolve)
  await Promise.race([promise, something])
  cancel()
}
