import { hostname, networkInterfaces } from 'node:os'
import { AgentOptions } from '../../agent/options.ts'
import { startAgent } from '../../agent/start-agent.ts'
import { createLog } from '../../base/log.ts'
import { agentWords } from '../agent-words.ts'
import type { Command, Invocation } from '../command.ts'
import { dropRoot } from '../drop-root.ts'
import { type ExitCode, exitCodes } from '../exit-codes.ts'
import { givenProbe } from '../given-probe.ts'
import { formatOptions } from '../option-table.ts'
import {
  type AgentOptionSources,
  agentOptionsGiven,
  readAgentOptions,
} from '../read-agent-options.ts'
import { readConfigFile } from '../read-config-file.ts'
import { machineFiles, readMachineSettings } from '../read-machine-settings.ts'
import { stopSignal } from '../stop-signal.ts'
import { version } from '../version.ts'

const words = agentWords(AgentOptions)

export const command: Command = {
  description:
    'Serves this machine until it is told to stop: answers DNS, gives out virtual addresses, carries connections, ' +
    'and catches both when capture is on. SIGTERM stops it cleanly, SIGHUP has it read everything again. ' +
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
    ...words.map(({ spec }) => spec),
  ],
  examples: [
    { command: 'meshdns agent --config /etc/meshdns/agent.yaml', says: 'as the service does' },
    {
      command: 'meshdns agent --controller istiod.istio-system.svc:15012',
      says: 'with the services of a controller',
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
  const config = values.text('config')
  const mesh = values.isGiven('mesh-config') ? values.text('mesh-config') : undefined
  const settings = readMachineSettings(io.env, mesh || undefined)
  const sources: AgentOptionSources = {
    words,
    options: values,
    env: settings.env,
    origins: settings.origins,
    settings: givenProbe(settings),
    ...(config === undefined ? {} : { config: readConfigFile(config) }),
  }
  const options = readAgentOptions(AgentOptions, sources)
  if (values.has('show-options')) {
    io.stdout.write(formatOptions(options, { words, given: agentOptionsGiven(sources) }, io.color))
    return exitCodes.done
  }
  const { logLevel, stateFolder } = options
  const user = values.text('run-as') ?? 'meshdns'
  const reason = dropRoot({
    user,
    stateFolder,
    path: io.env['PATH'] ?? '',
    capabilities: ['net_admin'],
  })
  const { clock } = io
  const log = createLog(logLevel, io.stdout)
  if (reason !== undefined) log.warn({ reason }, 'stays root')
  for (const { severity, code, message, file, line, column, hint } of settings.findings) {
    const level = severity === 'warning' ? 'warn' : 'info'
    log[level]({ code, file, line, column, reason: message, hint }, 'about the mesh')
  }
  const [uid, gid] = [process.getuid?.() ?? 0, process.getgid?.() ?? 0]
  const stop = stopSignal(process, clock)
  const started = startAgent(options, {
    clock,
    log,
    uid,
    gid,
    interfaces: networkInterfaces,
    hostname: hostname().replace(/\..*/, ''),
    version: version(),
    env: settings.env,
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
