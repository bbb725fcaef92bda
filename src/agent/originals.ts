import type { Socket } from 'node:net'
import { familyOf, tryParseIp, unmapIp } from '../ip/address.ts'
import type { SocketAddress } from '../ip/socket-address.ts'
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
  return found ?? { address: unmapIp(local), port: socket.localPort ?? 0 }
}
