import type { Server } from 'node:net'
import { CodedError } from '../../base/coded-error.ts'
import { listenHint } from '../../base/listen-hint.ts'
import { bindServer, isAddressAway } from '../../ip/bind-server.ts'
import { formatSocketAddress, type SocketAddress } from '../../ip/socket-address.ts'

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
    return await bindServer(server, where, { backlog })
  } catch (cause) {
    throw new XdsBindError(where, cause)
  }
}

/** Whether all addresses of a family were asked for that this machine does not have. */
export function isWithoutFamily(error: unknown, { address }: SocketAddress): boolean {
  return address === '::' && error instanceof XdsBindError && isAddressAway(error.cause)
}
