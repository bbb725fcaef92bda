import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import type { Server } from 'node:net'
import { CodedError } from '../base/coded-error.ts'
import { listenHint } from '../base/listen-hint.ts'
import { familyOf } from '../ip/address.ts'
import { bindServer } from '../ip/bind-server.ts'
import { formatSocketAddress, type SocketAddress, socketHost } from '../ip/socket-address.ts'
import { numericLookup } from './numeric-lookup.ts'

/** DNS cannot be served where it should be. */
export class ServeBindError extends CodedError {
  override readonly code = 'SERVE_BIND'

  constructor(protocol: 'udp' | 'tcp', where: SocketAddress, cause: unknown) {
    super(`cannot serve DNS on ${protocol} ${formatSocketAddress(where)}`, {
      cause,
      hint: listenHint(cause, protocol, where.port),
    })
  }
}

/**
 * A bound UDP socket whose `send` hands the datagram to the kernel before it returns.
 * @throws {ServeBindError} when the address cannot be had.
 */
export async function bindUdp(where: SocketAddress, receiveBufferOctets: number): Promise<Socket> {
  const ipv6 = familyOf(where.address) === 6
  const socket = createSocket({
    type: ipv6 ? 'udp6' : 'udp4',
    ipv6Only: ipv6,
    recvBufferSize: receiveBufferOctets,
    lookup: numericLookup,
  })
  try {
    // Told before it begins: with a look-up that does not wait, binding is over when `bind` returns.
    const listening = once(socket, 'listening')
    socket.bind({ port: where.port, address: socketHost(where), exclusive: true })
    await listening
    return socket
  } catch (cause) {
    socket.close()
    throw new ServeBindError('udp', where, cause)
  }
}

/** @throws {ServeBindError} when the address cannot be had. */
export async function bindTcp(server: Server, where: SocketAddress): Promise<void> {
  try {
    await bindServer(server, where)
  } catch (cause) {
    throw new ServeBindError('tcp', where, cause)
  }
}
