import { once } from 'node:events'
import type { Server } from 'node:net'
import { CodedError } from '../../base/coded-error.ts'
import { listenHint } from '../../base/listen-hint.ts'
import { parseIp } from '../../ip/address.ts'
import { formatSocketAddress, type SocketAddress, socketHost } from '../../ip/socket-address.ts'

/** xDS cannot be served where it should be. */
export class XdsBindError extends CodedError {
  override readonly code = 'XDS_BIND'

  constructor(where: SocketAddress, cause: unknown) {
    super(`cannot serve xDS on ${formatSocketAddress(where)}`, {
      cause,
      hint: listenHint(cause, 'tcp', where.port),
    })
  }
}

/** How many connections the kernel holds for us while we are busy. */
const backlog = 4_096

/** @throws {XdsBindError} when the address cannot be had. */
export async function listen(server: Server, where: SocketAddress): Promise<SocketAddress> {
  try {
    const listening = once(server, 'listening')
    server.listen({
      port: where.port,
      host: socketHost(where),
      ipv6Only: true,
      exclusive: true,
      backlog,
    })
    await listening
  } catch (cause) {
    throw new XdsBindError(where, cause)
  }
  const bound = server.address()
  if (bound === null || typeof bound === 'string') throw new TypeError('not an internet socket')
  return { address: parseIp(bound.address), port: bound.port }
}

/** Whether all addresses of a family were asked for that this machine does not have. */
export function isWithoutFamily(error: unknown, { address }: SocketAddress): boolean {
  if (!(error instanceof XdsBindError)) return false
  const { code } = error.cause as { code?: unknown }
  return address === '::' && (code === 'EAFNOSUPPORT' || code === 'EADDRNOTAVAIL')
}
