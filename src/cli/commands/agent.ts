import { hostname, networkInterfaces } from 'node:os'
import { createLog } from '../../base/log.ts'
import type { Command, Invocation } from '../command.ts'
import { dropRoot } from '../drop-root.ts'
import { type ExitCode, exitCodes } from '../exit-codes.ts'
import { agentOptionWords, MachineOptions } from '../machine-options.ts'
import { formatOptions } from '../option-table.ts'
import { machineFiles } from '../read-machine-settings.ts'
import { stopSignal } from '../stop-signal.ts'
import { version } from '../version.ts'

export const command: Command = {
  description:
    'Serves this machine until it is told to stop: answers DNS, gives out virtual addresses, carries connections, ' +
    'and catches both when capture is on. SIGTERM stops it cleanly, SIGHUP has it read everything again. ' +
    'The files that options come from are followed: capture and the level of the log change at once, and what needs a restart is told. ' +
    'Options: flags over environment over the file over defaults; proxyMetadata of the mesh, of PROXY_CONFIG and of the annotation ' +
    'of a pod counts as environment. Started by root it becomes the user of --run-as, ' +
    'with no more rights than CAP_NET_ADMIN.',
  operands: [],
  options: [
    { flags: '--config <file>', summary: 'file with options, YAML', env: 'MESHDNS_CONFIG' },
    {
      flags: '--run-as <user>',
      summary: 'whom it becomes when root starts it, a name or number; root stays root',
      env: 'MESHDNS_RUN_AS',
      fallback: 'meshdns',
    },
    {
      flags: '--mesh-config <file>',
      summary:
        'what the mesh says, a MeshConfig; when not given, the file below counts if it is there',
      env: 'MESHDNS_MESH_CONFIG',
      fallback: machineFiles.mesh,
    },
    {
      flags: '--show-options',
      summary: 'print every option, where it comes from and what it beats, and end',
    },
    {
      flags: '--environment-file <file>',
      summary:
        'file with variables, NAME=VALUE, which goes over the environment; it may be missing, and it is followed while we run',
      repeatable: true,
    },
    ...agentOptionWords.map(({ spec }) => spec),
  ],
  examples: [
    { command: 'meshdns agent --config /etc/meshdns/agent.yaml', says: 'as the service does' },
    {
      command: 'meshdns agent --controller istiod.istio-system.svc:15012',
      says: 'with the services of a controller',
    },
    {
      command: 'meshdns agent --node --controller istiod.istio-system.svc:15012',
      says: 'for all pods of the node that take part, as the DaemonSet does',
    },
    {
      command: 'meshdns agent --sources examples --listen 127.0.0.1:15053 --log-level debug',
      says: 'only answer, and say what is going on',
    },
  ],
  run,
}

async function run(invocation: Invocation): Promise<ExitCode> {
  const { options: values, io } = invocation
  const source = new MachineOptions(invocation)
  const { options, settings } = source.readAll()
  if (values.has('show-options')) {
    io.stdout.write(formatOptions(source.describe(), io.color))
    return exitCodes.done
  }
  const { logLevel, stateFolder } = options
  const user = values.text('run-as') ?? 'meshdns'
  // Networks of others are open to none but root.
  const reason = options.node.enabled
    ? undefined
    : await dropRoot({ user, stateFolder, path: io.env['PATH'] ?? '', capabilities: ['net_admin'] })
  const { clock } = io
  const log = createLog(logLevel, io.stdout)
  if (reason !== undefined) log.warn({ reason }, 'stays root')
  for (const { severity, code, message, file, line, column, hint } of settings.findings) {
    const level = severity === 'warning' ? 'warn' : 'info'
    log[level]({ code, file, line, column, reason: message, hint }, 'about the mesh')
  }
  const [uid, gid] = [process.getuid?.() ?? 0, process.getgid?.() ?? 0]
  const stop = stopSignal(process, clock)
  // One of them is all that has to be loaded.
  const start = options.node.enabled
    ? (await import('../../agent/node/start-node-agent.ts')).startNodeAgent
    : (await import('../../agent/start-agent.ts')).startAgent
  const started = start(options, {
    clock,
    log,
    uid,
    gid,
    interfaces: networkInterfaces,
    hostname: hostname().replace(/\..*/, ''),
    version: version(),
    env: settings.env,
    source,
    setLogLevel(level) {
      log.level = level
    },
  })
  process.on('SIGHUP', () => {
    started
      .then((agent) => agent.reload())
      .catch((error: unknown) => log.error({ error }, 'could not read everything again'))
  })
  const agent = await started
  log.info({ signal: await stop }, 'stopping')
  await agent.stop()
  return exitCodes.done
}
