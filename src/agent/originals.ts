import type { Socket } from 'node:net'
import { familyOf, tryParseIp, unmapIp } from '../ip/address.ts'
import { type SocketAddress, socketAddressOf, socketOctetsOf } from '../ip/socket-address.ts'
import type { Conntrack } from '../sys/conntrack.ts'
import { fdOf } from '../sys/fd-of.ts'
import { originalDestination } from '../sys/original-destination.ts'

/**
 * Where a caught connection was going before the rules turned it to us; where it is, when no rule
 * did. `undefined` when the connection is gone already.
 */
export function originalOfConnection(socket: Socket): SocketAddress | undefined {
  const fd = fdOf(socket)
  const local = tryParseIp(socket.localAddress ?? '')
  if (fd === undefined || local === undefined) return undefined
  const found = originalDestination(fd, familyOf(local))
  if (found) return socketAddressOf(found)
  return { address: unmapIp(local), port: socket.localPort ?? 0 }
}

/** Where a caught datagram was going; `undefined` when no rule turned it, or nobody knows. */
export function originalOfDatagram(
  conntrack: Conntrack,
  client: SocketAddress,
  local: SocketAddress,
): SocketAddress | undefined {
  const found = conntrack.udpOriginalDestination(socketOctetsOf(client), socketOctetsOf(local))
  return found && socketAddressOf(found)
}
