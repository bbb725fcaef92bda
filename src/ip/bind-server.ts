import { once } from 'node:events'
import type { Server } from 'node:net'
import { type SocketAddress, socketHost } from './socket-address.ts'
import { splitZone } from './split-zone.ts'

/**
 * Has a server listen at an address, one for IPv6 at that alone; gives where it is, port 0 replaced by the one it got.
 *
 * Rejects with the error of the system; `backlog` is how many connections the kernel holds while we are busy.
 */
export async function bindServer(
  server: Server,
  where: SocketAddress,
  { backlog }: { readonly backlog?: number } = {},
): Promise<SocketAddress> {
  const listening = once(server, 'listening')
  const place = { port: where.port, host: socketHost(where), ipv6Only: true, exclusive: true }
  server.listen(backlog === undefined ? place : { ...place, backlog })
  await listening
  return boundAddress(server)
}

/** Where a socket really is. */
export function boundAddress(socket: BoundSocket): SocketAddress {
  const bound = socket.address()
  if (bound === null || typeof bound === 'string') throw new TypeError('not an internet socket')
  return splitZone(bound)
}

interface BoundSocket {
  address(): { readonly address: string; readonly port: number } | string | null
}

/** Whether a bind failed since the machine has no such address, or not even its family. */
export function isAddressAway(cause: unknown): boolean {
  const { code } = cause as { readonly code?: unknown }
  return code === 'EAFNOSUPPORT' || code === 'EADDRNOTAVAIL'
}
