import type { Socket } from 'node:net'
import { createRandom } from '../base/random.ts'
import { familyOf } from '../ip/address.ts'
import type { Prefix } from '../ip/prefix.ts'
import type { SocketAddress } from '../ip/socket-address.ts'
import { Resolver } from '../resolve/resolver.ts'
import { ServeBindError } from '../serve/bind.ts'
import { NodeDriver } from '../serve/node-driver.ts'
import { listenTcp } from '../serve/tcp-listener.ts'
import { listenUdp } from '../serve/udp-listener.ts'
import { Conntrack } from '../sys/conntrack.ts'
import { fdOf } from '../sys/fd-of.ts'
import { originalDestination } from '../sys/original-destination.ts'
import type { ListenAddress } from './listen-addresses.ts'
import type { AgentOptions } from './options.ts'
import type { AgentPorts } from './ports.ts'

export interface ResolverNeeds {
  readonly own: readonly SocketAddress[]
  readonly virtualPrefixes: readonly Prefix[]
}

/** A resolver on Node's sockets, ready for queries; it knows no host and no upstream yet. */
export async function startResolver(
  options: AgentOptions,
  needs: ResolverNeeds,
  ports: AgentPorts,
): Promise<Resolver> {
  const driver = new NodeDriver({ ...ports, options: options.serve.upstream })
  await ports.scope.start('upstreams', () => driver)
  const resolver = new Resolver(driver, options.resolver, {
    ...ports,
    ...needs,
    random: createRandom(),
  })
  driver.attach(resolver)
  return resolver
}

/** Answers DNS over UDP and TCP on the machine's own addresses. */
export async function serveDns(
  resolver: Resolver,
  addresses: readonly ListenAddress[],
  { options, ports }: { readonly options: AgentOptions; readonly ports: AgentPorts },
): Promise<void> {
  const originals = options.captureEnabled && options.capture.dns === 'all'
  const conntrack = originals ? Conntrack.open() : undefined
  if (conntrack) ports.scope.onStop('conntrack', () => conntrack.close())
  for (const { where, optional } of addresses) {
    const udp = {
      ...ports,
      options: options.serve.udp,
      originalServer: (client: SocketAddress) => conntrack?.udpOriginalDestination(client, where),
    }
    const tcp = {
      ...ports,
      options: options.serve.tcp,
      originalServer: (socket: Socket) => (originals ? originalOf(socket, where) : undefined),
    }
    try {
      await ports.scope.start('dns-udp', () => listenUdp(where, resolver, udp))
      await ports.scope.start('dns-tcp', () => listenTcp(where, resolver, tcp))
    } catch (error) {
      if (!optional || !(error instanceof ServeBindError) || !isFamilyAbsent(error)) throw error
    }
  }
}

function originalOf(socket: Socket, agent: SocketAddress): SocketAddress | undefined {
  const fd = fdOf(socket)
  return fd === undefined ? undefined : originalDestination(fd, familyOf(agent.address))
}

function isFamilyAbsent({ cause }: ServeBindError): boolean {
  const { code } = cause as { code?: unknown }
  return code === 'EADDRNOTAVAIL' || code === 'EAFNOSUPPORT'
}
