import { hostname, networkInterfaces } from 'node:os'
import { localFamilies } from '../../agent/local-families.ts'
import { createLog } from '../../base/log.ts'
import { StoppedEarlyError, startController } from '../../controller/start-controller.ts'
import type { Command, Invocation } from '../command.ts'
import { dropRoot } from '../drop-root.ts'
import { type ExitCode, exitCodes } from '../exit-codes.ts'
import { controllerWords, readControllerOptions } from '../read-controller-options.ts'
import { stopSignal } from '../stop-signal.ts'
import { version } from '../version.ts'

export const command: Command = {
  description:
    'Serves the machines of a mesh until it is told to stop: reads what the mesh consists of, gives out virtual addresses, ' +
    'tells each agent what it may see, and what changes, issues certificates, and registers machines. ' +
    'SIGTERM stops it cleanly, SIGHUP has it read everything again. ' +
    'Options: flags over environment over the IstioOperator’s values.pilot.env over the file over defaults. ' +
    'Started by root it becomes the user of --run-as, without any right of root.',
  operands: [],
  options: [
    {
      flags: '--config <file>',
      summary: 'file with options, YAML',
      env: 'MESHDNS_CONTROLLER_CONFIG',
    },
    {
      flags: '--run-as <user>',
      summary: 'whom it becomes when root starts it, a name or number; root stays root',
      env: 'MESHDNS_CONTROLLER_RUN_AS',
      fallback: 'meshdns-controller',
    },
    ...controllerWords.map(({ spec }) => spec),
  ],
  examples: [
    {
      command: 'meshdns controller --config /etc/meshdns/controller.yaml',
      says: 'as the service does',
    },
    {
      command: 'meshdns controller --kubernetes --kube-context test',
      says: 'the mesh of a cluster, from outside of it',
    },
    {
      command: 'meshdns controller --sources examples --state-folder state',
      says: 'serve a folder of objects, and keep state beside it',
    },
  ],
  run,
}

async function run(invocation: Invocation): Promise<ExitCode> {
  const { options: values, io } = invocation
  const options = readControllerOptions(invocation)
  const { logLevel, stateFolder } = options
  const user = values.text('run-as') ?? 'meshdns-controller'
  const reason = await dropRoot({ user, stateFolder, path: io.env['PATH'] ?? '', capabilities: [] })
  const { clock } = io
  const log = createLog(logLevel, io.stdout)
  if (reason !== undefined) log.warn({ reason }, 'stays root')
  const stop = stopSignal(process, clock)
  const stopping = new AbortController()
  void stop.then(() => stopping.abort())
  const started = startController(options, {
    clock,
    log,
    name: options.kubernetes.podName || hostname(),
    version: version(),
    env: io.env,
    families: () => localFamilies(networkInterfaces()),
    stopping: stopping.signal,
  })
  process.on('SIGHUP', () => {
    started
      .then((controller) => controller.reload())
      .catch((error: unknown) => log.error({ error }, 'could not read everything again'))
  })
  const controller = await started.catch((error: unknown) => {
    if (error instanceof StoppedEarlyError) return undefined
    throw error
  })
  log.info({ signal: await stop }, 'stopping')
  await controller?.stop()
  return exitCodes.done
}
