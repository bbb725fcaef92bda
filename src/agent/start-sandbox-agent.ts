import type { Socket as UdpSocket } from 'node:dgram'
import type { Server } from 'node:net'
import { emptyLedger } from '../allocate/ledger.ts'
import { adoptTcp } from '../serve/tcp-listener.ts'
import { adoptUdp } from '../serve/udp-listener.ts'
import { startFilesCatalog } from './catalog.ts'
import { startCore } from './core.ts'
import { createAgentPorts } from './create-agent-ports.ts'
import { logQueries } from './log-queries.ts'
import type { AgentOptions } from './options.ts'
import type { Agent, AgentProcess } from './start-agent.ts'

/** Listening sockets that were opened elsewhere, such as in another network namespace. */
export interface AdoptedSockets {
  readonly udp: readonly UdpSocket[]
  readonly dns: readonly Server[]
  readonly relay: readonly Server[]
}

/**
 * Starts an agent behind sockets of another network namespace: it answers and carries what arrives
 * there, and asks and connects from here. It sets no rules and keeps no state.
 * @throws {CodedError} when a part cannot start; nothing is left running then.
 */
export async function startSandboxAgent(
  options: AgentOptions,
  sockets: AdoptedSockets,
  process: Pick<AgentProcess, 'clock' | 'log'>,
): Promise<Agent> {
  const ports = createAgentPorts(process)
  const { scope } = ports
  logQueries(ports)(options.logLevel === 'debug')
  return scope.whole(async () => {
    const { resolver, catalog, resolvConf } = await startCore(
      options,
      {
        own: [],
        startCatalog: () =>
          startFilesCatalog(options, { ledger: emptyLedger, save: async () => {} }, ports),
        families: () => [4, 6],
        relayServers: sockets.relay,
        captureAddresses: async () => {},
      },
      ports,
    )
    for (const socket of sockets.udp) {
      const udp = { ...ports, options: options.serve.udp }
      await scope.start('dns-udp', () => adoptUdp(socket, resolver, udp))
    }
    for (const server of sockets.dns) {
      const tcp = { ...ports, options: options.serve.tcp }
      await scope.start('dns-tcp', () => adoptTcp(server, resolver, tcp))
    }
    return {
      stop: () => scope.stop(),
      async reload() {
        await Promise.all([catalog.reload(), resolvConf.reload()])
      },
    }
  })
}
