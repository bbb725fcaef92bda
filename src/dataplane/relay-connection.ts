import type { Socket } from 'node:net'
import type { Log } from '../base/log.ts'
import type { Meters } from '../base/meters.ts'
import { formatSocketAddress, type SocketAddress } from '../ip/socket-address.ts'
import { carry } from './carry.ts'
import { describeTarget } from './dial-target.ts'
import { connectionsEnded, connectionsRefused, octetsCarried } from './meters.ts'
import { type OpenPorts, openConnection } from './open-connection.ts'
import type { RefusalLog } from './refusal-log.ts'
import { reset } from './reset.ts'

export interface ConnectionPorts extends OpenPorts {
  readonly log: Log
  readonly meters: Meters
  readonly refusals: RefusalLog
  readonly originalDestination: (client: Socket) => SocketAddress | undefined
}

/**
 * The life of one captured connection, from its acceptance (paused) to the end of both sockets.
 *
 * Aborting `cut` resets what there is. Rejects only with what the given ports throw.
 */
export async function relayConnection(
  client: Socket,
  cut: AbortController,
  ports: ConnectionPorts,
): Promise<void> {
  const { clock, log, meters, options, refusals } = ports
  const { signal } = cut
  const from = describeClient(client)
  const original = ports.originalDestination(client)
  const giveUp = () => cut.abort()
  client.once('close', giveUp)
  const { outcome, host, head } = await openConnection({ client, original, signal }, ports)
  client.off('close', giveUp)
  if (outcome.kind === 'refused') {
    if (!signal.aborted) {
      meters.cell(connectionsRefused, outcome.reason).value += 1
      refusals.tell(outcome, { client: from, original, host })
    }
    reset(client)
    return
  }
  log.debug({ client: from, endpoint: describeTarget(outcome.target) }, 'carrying a connection')
  const toEndpoint = meters.cell(octetsCarried, 'to_endpoint')
  const toClient = meters.cell(octetsCarried, 'to_client')
  const { idleTimeoutMs } = options
  const carriage = { client, endpoint: outcome.socket, head }
  const ending = await carry(carriage, { clock, idleTimeoutMs, toEndpoint, toClient, signal })
  meters.cell(connectionsEnded, ending).value += 1
}

/** For people: where a client calls from. */
export function describeClient({ remoteAddress, remotePort }: Socket): string {
  if (remoteAddress === undefined || remotePort === undefined) return 'unknown'
  const address = remoteAddress as SocketAddress['address']
  return formatSocketAddress({ address, port: remotePort })
}
