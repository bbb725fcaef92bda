import type { Socket as UdpSocket } from 'node:dgram'
import type { Server, Socket as TcpSocket } from 'node:net'

interface Handle {
  readonly fd?: number
}

/**
 * The file descriptor below a socket of `node:net` or `node:dgram`; `undefined` before it is open and
 * after it is closed.
 *
 * Node has no public door to it. The descriptor stays Node's: never close it, never keep it beyond
 * the socket.
 */
export function fdOf(socket: UdpSocket | TcpSocket | Server): number | undefined {
  const fd = handleOf(socket)?.fd
  return fd !== undefined && fd >= 0 ? fd : undefined
}

function handleOf(socket: object): Handle | undefined {
  // On a UDP socket `_handle` only prints a deprecation (DEP0112); its state lies below a symbol.
  const state = Object.getOwnPropertySymbols(socket).find(
    (symbol) => symbol.description === 'state symbol',
  )
  if (state === undefined) return (socket as { _handle?: Handle | null })._handle ?? undefined
  const holder = (socket as Record<symbol, { handle?: Handle | null } | undefined>)[state]
  return holder?.handle ?? undefined
}
