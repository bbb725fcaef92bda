import { createServer, type Server } from 'node:net'
import { CodedError } from '../base/coded-error.ts'
import { listenHint } from '../base/listen-hint.ts'
import type { Log } from '../base/log.ts'
import { familyOf } from '../ip/address.ts'
import { bindServer, isAddressAway } from '../ip/bind-server.ts'
import { parseSocketAddress } from '../ip/socket-address.ts'

/** Captured connections cannot be taken where they should arrive. */
export class RelayListenError extends CodedError {
  override readonly code = 'DATAPLANE_LISTEN'

  constructor(where: string, cause: unknown) {
    super(`the relay cannot listen on ${where}`, {
      cause,
      hint: listenHint(cause, 'tcp', parseSocketAddress(where).port),
    })
  }
}

/**
 * Listens on all these addresses (`ADDRESS:PORT`), or on none.
 *
 * An IPv6 address is left out on a machine without IPv6, as long as there is another one.
 * @throws {RelayListenError} when an address cannot be had.
 */
export async function listenAll(addresses: readonly string[], log: Log): Promise<Server[]> {
  const servers: Server[] = []
  for (const [index, where] of addresses.entries()) {
    const server = createServer()
    try {
      await bindServer(server, parseSocketAddress(where))
      servers.push(server)
    } catch (cause) {
      const others = servers.length > 0 || index < addresses.length - 1
      if (others && isWithoutIpv6(where, cause)) {
        log.info({ address: where }, 'no ipv6 here')
        continue
      }
      for (const started of servers) started.close()
      throw new RelayListenError(where, cause)
    }
  }
  return servers
}

/**
 * Makes a server accept as the relay needs it: not reading before we ask, and able to end one
 * direction only. A server that came from another process has no say in its own options.
 */
export function prepareServer(server: Server): void {
  Object.assign(server, { allowHalfOpen: true, pauseOnConnect: true })
}

function isWithoutIpv6(where: string, cause: unknown): boolean {
  return isAddressAway(cause) && familyOf(parseSocketAddress(where).address) === 6
}
