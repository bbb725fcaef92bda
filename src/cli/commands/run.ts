import { constants } from 'node:os'
import { AgentOptions } from '../../agent/options.ts'
import { startSandboxAgent } from '../../agent/start-sandbox-agent.ts'
import { logLevels } from '../../base/log.ts'
import { capturedAddresses } from '../../capture/captured-addresses.ts'
import { CommandNotFoundError } from '../../sandbox/programs.ts'
import { runInSandbox } from '../../sandbox/run-in-sandbox.ts'
import type { Command, Invocation } from '../command.ts'
import type { ExitCode } from '../exit-codes.ts'
import { readOfflineMesh } from '../offline-mesh.ts'
import { createPlainLog } from '../plain-log.ts'
import { formatError, reportOf } from '../print-error.ts'
import { fileOption, rangeOptions, readingOptions } from '../source-options.ts'
import { UsageError } from '../usage-error.ts'

export const command: Command = {
  description:
    'Runs one command with the mesh of the files: its DNS is answered and its connections are carried. It runs in a ' +
    'private network namespace, needs no root, changes nothing on the machine and leaves nothing behind. ' +
    'The exit code is that of the command; 128 and the number of the signal when a signal ended it.',
  operands: [{ name: 'command', summary: 'the command and its words', rest: true }],
  options: [
    { ...fileOption, summary: 'file or folder with objects, YAML or JSON; followed while it runs' },
    ...readingOptions,
    ...rangeOptions,
    {
      flags: '--log-level <level>',
      summary: 'from which level on the agent writes to stderr',
      choices: logLevels,
      env: 'MESHDNS_LOG_LEVEL',
      fallback: 'error',
    },
  ],
  examples: [
    { command: 'meshdns run -f examples -- curl -v http://auto.internal', says: 'a request' },
    { command: 'meshdns run -f examples -- bash', says: 'a shell' },
  ],
  run,
}

async function run(invocation: Invocation): Promise<ExitCode> {
  const { operands, options, io } = invocation
  if (options.texts('file').includes('-')) {
    throw new UsageError('the standard input is the command’s', {
      hint: 'Name files or folders with -f PATH.',
    })
  }
  const mesh = await readOfflineMesh(invocation)
  const agentOptions = AgentOptions.parse({
    sources: options.texts('file'),
    namespace: mesh.namespace,
    clusterDomain: mesh.clusterDomain,
    logLevel: options.text('log-level'),
    virtualAddresses: {
      v4Prefix: options.text('virtual-addresses-v4-prefix'),
      v6Prefix: options.text('virtual-addresses-v6-prefix'),
    },
  })
  const log = createPlainLog(agentOptions.logLevel, io.stderr)
  const sandbox = {
    command: operands,
    env: io.env,
    virtualPrefixes: [mesh.pools.v4, mesh.pools.v6],
    addresses: capturedAddresses(mesh.view, [mesh.pools.v4, mesh.pools.v6]),
  }
  try {
    const end = await runInSandbox(
      sandbox,
      (sockets) => startSandboxAgent(agentOptions, sockets, { clock: io.clock, log }),
      log,
    )
    return end.kind === 'exit' ? end.exitCode : 128 + constants.signals[end.signal]
  } catch (error) {
    if (!(error instanceof CommandNotFoundError)) throw error
    io.stderr.write(formatError(reportOf(error)))
    return error.exitCode
  }
}
