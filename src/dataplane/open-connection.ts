import type { Socket } from 'node:net'
import type { Match, Routes } from '../balance/route-table.ts'
import type { Clock } from '../base/clock.ts'
import { familyOf } from '../ip/address.ts'
import type { SocketAddress } from '../ip/socket-address.ts'
import type { Attempt, Connector, Outcome } from './connector.ts'
import { type Decision, decide, decideByName, needsName } from './decide.ts'
import type { RelayOptions } from './options.ts'
import { peekServerName } from './peek.ts'
import { refusal } from './refusal.ts'

/** A client that waits to be connected, and where it wanted to go. */
export interface Caller {
  readonly client: Socket
  readonly original: SocketAddress | undefined
  readonly signal: AbortSignal
}

export interface OpenPorts {
  readonly clock: Clock
  readonly connector: Connector
  readonly options: RelayOptions
  readonly table: Routes
  /** Whether the relay itself listens there. */
  readonly isOwn: (at: SocketAddress) => boolean
}

export interface Opened {
  readonly outcome: Outcome
  /** The host of the mesh that was meant, if it was one. */
  readonly host: string | undefined
  /** What was already read from the client. */
  readonly head: Buffer
}

/** Connects a client to where it wanted to go, as the mesh says. */
export async function openConnection(caller: Caller, ports: OpenPorts): Promise<Opened> {
  const { client, original, signal } = caller
  const { clock, options } = ports
  // Somebody called the relay itself: to carry that on would be to call ourselves for ever.
  if (!original || ports.isOwn(original) || isLocalEnd(client, original)) {
    return { outcome: refusal('loop'), host: undefined, head: nothing }
  }
  const match = ports.table.find(original.address, original.port)
  const first = decide(match, original.port, options)
  const peeked = needsName(first)
    ? await peekServerName(client, clock, options.peekTimeoutMs)
    : { name: undefined, head: nothing }
  const decision = needsName(first) ? decideByName(first, peeked.name) : first
  const deadline = clock.now() + options.connectBudgetMs
  const attempt = { family: familyOf(original.address), deadline, signal }
  const outcome = await carryOut(decision, { original, attempt, connector: ports.connector })
  return { outcome, host: hostOf(match, decision), head: peeked.head }
}

interface Means {
  readonly original: SocketAddress
  readonly attempt: Attempt
  readonly connector: Connector
}

async function carryOut(
  decision: Decision,
  { original, attempt, connector }: Means,
): Promise<Outcome> {
  switch (decision.kind) {
    case 'refused':
      return decision
    case 'original':
      return connector.toAddresses([original.address], decision.port, attempt)
    case 'name':
      return connector.toName(decision.name, decision.port, attempt)
    case 'endpoints':
      return connector.throughEndpoints(decision.route, attempt)
  }
}

const nothing: Buffer = Buffer.alloc(0)

/** A connection that no rule redirected has its own local address for its original destination. */
function isLocalEnd(client: Socket, { address, port }: SocketAddress): boolean {
  return client.localAddress === address && client.localPort === port
}

function hostOf(match: Match, decision: Decision): string | undefined {
  if (decision.kind === 'endpoints') return decision.route.host
  if (decision.kind === 'name') return decision.name
  if (match.kind === 'route') return match.route.host
  return match.kind === 'undeclared' ? match.host : undefined
}
