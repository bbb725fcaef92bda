import type { SocketAddress } from '../ip/socket-address.ts'
import type { Resolver } from '../resolve/resolver.ts'
import { ServeBindError } from '../serve/bind.ts'
import { listenTcp } from '../serve/tcp-listener.ts'
import { listenUdp } from '../serve/udp-listener.ts'
import { Conntrack } from '../sys/conntrack.ts'
import type { ListenAddress } from './listen-addresses.ts'
import type { AgentOptions } from './options.ts'
import { originalOfConnection, originalOfDatagram } from './originals.ts'
import type { AgentPorts } from './ports.ts'

/** Answers DNS over UDP and TCP on the machine's own addresses. */
export async function serveDns(
  resolver: Resolver,
  addresses: readonly ListenAddress[],
  { options, ports }: { readonly options: AgentOptions; readonly ports: AgentPorts },
): Promise<void> {
  // Where only questions for our upstreams are caught, there is no other server to be meant.
  const catchesAll = options.captureEnabled && options.capture.dns === 'all'
  const conntrack = catchesAll ? Conntrack.open() : undefined
  if (conntrack) ports.scope.onStop('conntrack', () => conntrack.close())
  for (const { where, optional } of addresses) {
    const udp = {
      ...ports,
      options: options.serve.udp,
      ...(conntrack
        ? {
            originalServer: (client: SocketAddress) => originalOfDatagram(conntrack, client, where),
          }
        : {}),
    }
    const tcp = {
      ...ports,
      options: options.serve.tcp,
      ...(catchesAll ? { originalServer: originalOfConnection } : {}),
    }
    try {
      await ports.scope.start('dns-udp', () => listenUdp(where, resolver, udp))
      await ports.scope.start('dns-tcp', () => listenTcp(where, resolver, tcp))
    } catch (error) {
      if (!optional || !(error instanceof ServeBindError) || !isFamilyAbsent(error)) throw error
    }
  }
}

function isFamilyAbsent({ cause }: ServeBindError): boolean {
  const { code } = cause as { code?: unknown }
  return code === 'EADDRNOTAVAIL' || code === 'EAFNOSUPPORT'
}
