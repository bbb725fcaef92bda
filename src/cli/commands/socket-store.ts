import { startSocketStore } from '../../agent/socket-store/start-socket-store.ts'
import { createLog } from '../../base/log.ts'
import { tableName } from '../../capture/table-name.ts'
import type { Command, Invocation } from '../command.ts'
import { type ExitCode, exitCodes } from '../exit-codes.ts'
import { stopSignal } from '../stop-signal.ts'
import { UsageError } from '../usage-error.ts'

export const command: Command = {
  description:
    'Holds the sockets in the pods of a node while their agent is away, as a container beside it: questions and connections wait in ' +
    'the kernel for the next agent, instead of being refused. When none serves for too long, the rules are taken out of the pods, which resolve as without ' +
    'meshdns then. Agents find it by option node.socketStore.',
  operands: [],
  options: [
    {
      flags: '--folder <folder>',
      summary: 'where it meets the agent; made for this user alone',
      env: 'MESHDNS_NODE_SOCKET_STORE',
      fallback: '/run/meshdns/sockets',
    },
    {
      flags: '--patience-seconds <number>',
      summary:
        'how long pods wait for an agent that serves them; times add up while it serves for moments only',
      env: 'MESHDNS_SOCKET_STORE_PATIENCE_SECONDS',
      fallback: '30',
    },
  ],
  examples: [{ command: 'meshdns socket-store', says: 'as the DaemonSet does' }],
  run,
}

async function run({ options, io }: Invocation): Promise<ExitCode> {
  const seconds = Number(options.text('patience-seconds'))
  if (!(seconds >= 1 && seconds <= 600)) {
    throw new UsageError('--patience-seconds must be a number from 1 to 600', {
      hint: 'Write --patience-seconds 30; its variable is MESHDNS_SOCKET_STORE_PATIENCE_SECONDS.',
    })
  }
  const folder = options.text('folder') ?? ''
  const log = createLog('info', io.stdout)
  const stop = stopSignal(process, io.clock)
  const store = await startSocketStore(
    { folder, patienceMs: seconds * 1_000, table: tableName },
    { clock: io.clock, log },
  )
  log.info({ path: folder }, 'sockets are held')
  log.info({ signal: await stop }, 'stopping')
  await store.stop()
  return exitCodes.done
}
