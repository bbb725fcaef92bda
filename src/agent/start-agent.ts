import type { Clock } from '../base/clock.ts'
import type { Log } from '../base/log.ts'
import { reasonOf } from '../base/reason-of.ts'
import type { Running } from '../base/scope.ts'
import { createCapture } from '../capture/capture.ts'
import { captureDown } from '../capture/health.ts'
import { createRunTool } from '../capture/run-tool.ts'
import type { ResolvConf } from '../config/resolv-conf.ts'
import type { IpAddress } from '../ip/address.ts'
import { formatPrefix } from '../ip/prefix.ts'
import { serveAdmin } from './admin.ts'
import { capturePlanOf, forgottenRanges } from './capture-plan.ts'
import { CaptureSwitch } from './capture-switch.ts'
import { startLoneCatalog } from './catalog.ts'
import { type AgentIdentity, startControllerCatalog } from './controller-catalog.ts'
import { startCore } from './core.ts'
import { createAgentPorts } from './create-agent-ports.ts'
import { serveDns } from './dns.ts'
import { drainDns } from './drain-dns.ts'
import { FirstTable, noTableYet } from './first-table.ts'
import { type AgentCapture, givenCapture } from './given-capture.ts'
import { listenAddresses } from './listen-addresses.ts'
import { LiveOptions, type LiveSettings, type OptionsSource } from './live-options.ts'
import { localFamilies } from './local-families.ts'
import { logQueries } from './log-queries.ts'
import { MachineCapture } from './machine-capture.ts'
import type { AgentOptions } from './options.ts'
import type { AgentPorts } from './ports.ts'

/** What the agent needs of its process. */
export interface AgentProcess extends AgentIdentity {
  readonly clock: Clock
  readonly log: Log
  readonly uid: number
  readonly gid: number
  /** Where the options came from, if they may change while we run. */
  readonly source?: OptionsSource
  /** Has a part of the log written, or not, from now on. */
  setLogLevel?(level: AgentOptions['logLevel']): void
}

export interface Agent extends Running {
  /** Reads every file again now. */
  reload(): Promise<void>
}

/**
 * Starts the agent of a machine: when this returns it answers, and catches if it shall.
 *
 * Stopping undoes it backwards: nothing new is caught, then what is under way may end.
 * @throws {CodedError} when a part cannot start; nothing is left running then.
 */
export async function startAgent(options: AgentOptions, process: AgentProcess): Promise<Agent> {
  const ports = createAgentPorts(process)
  return ports.scope.whole(() => startParts(options, process, ports))
}

async function startParts(
  options: AgentOptions,
  process: AgentProcess,
  ports: AgentPorts,
): Promise<Agent> {
  const { log, scope } = ports
  const setQueryLog = logQueries(ports)
  setQueryLog(options.logLevel === 'debug')
  let isReady = false
  const addresses = listenAddresses(options.listen)
  const own = addresses.map(({ where }) => where)
  const capture: AgentCapture =
    options.capture.rules === 'given'
      ? givenCapture(options.capture, ports)
      : createMachineCapture(options, process, ports)
  const pending = () => resolver.pending + relay.active
  const captureSwitch = new CaptureSwitch({ ...ports, capture, pending })
  for (const range of forgottenRanges(options)) {
    const reason = 'capture.includedRanges (ISTIO_SERVICE_CIDR) leaves it out'
    log.info({ address: formatPrefix(range), reason }, 'a virtual range is caught all the same')
  }
  // Last of all, so that relayed connections may end before.
  scope.onStop('capture rules', () => captureSwitch.remove())
  const core = await startCore(
    options,
    {
      own,
      startCatalog: (outside) =>
        options.controller.addresses.length > 0
          ? startControllerCatalog(options, { ...ports, outside, identity: process })
          : startLoneCatalog(options, ports),
      families: () => localFamilies(process.interfaces()),
      captureAddresses: (wanted) => capture.followAddresses(wanted),
    },
    ports,
  )
  const { resolver, resolvConf, catalog, mesh, relay } = core
  const follow = (conf: ResolvConf) => capture.followNameservers(nameserversOf(conf))
  await follow(resolvConf.current())
  resolvConf.follow((conf) => void follow(conf))
  await serveDns(resolver, addresses, { options, ports })
  const firstTable = new FirstTable({
    clock: ports.clock,
    catalog,
    mesh,
    waitMs: options.controller.firstTableMs,
  })
  await serveAdmin(options, mesh, {
    ...ports,
    catalog,
    source: process.source,
    readiness() {
      if (!isReady) return { ready: false, reason: 'starting' }
      if (firstTable.isAwaited) return { ready: false, reason: noTableYet }
      const table = catalog.state?.()
      return table ? { ready: true, table } : { ready: true }
    },
  })
  const { clock } = ports
  scope.onStop('dns drain', () => drainDns({ clock, pending: () => resolver.pending }))
  await scope.start('capture', async () => {
    await captureSwitch.set(options.captureEnabled)
    return captureSwitch
  })
  isReady = true
  const { source } = process
  const liveOptions =
    source &&
    (await scope.start('options', () => {
      const adjust = async ({ captureEnabled, logLevel }: LiveSettings) => {
        process.setLogLevel?.(logLevel)
        setQueryLog(logLevel === 'debug')
        await captureSwitch.set(captureEnabled).then(
          () => ports.health.clear(captureDown),
          (error: unknown) => {
            ports.health.set(captureDown, reasonOf(error))
          },
        )
      }
      return new LiveOptions({ running: options, source, adjust }, ports).start()
    }))
  const mode = options.captureEnabled ? 'captured' : 'asked'
  log.info({ address: options.listen, services: catalog.services().size, mode }, 'answering')
  return {
    stop: () => scope.stop(),
    async reload() {
      await Promise.all([catalog.reload(), resolvConf.reload(), liveOptions?.reload()])
    },
  }
}

function createMachineCapture(
  options: AgentOptions,
  { uid, gid }: AgentProcess,
  ports: AgentPorts,
): MachineCapture {
  const { backend } = options.capture
  return new MachineCapture(capturePlanOf(options, { uid, gid }), {
    ...ports,
    backend: createCapture(backend, createRunTool(ports), ports.log),
  })
}

function nameserversOf({ nameservers }: ResolvConf): readonly IpAddress[] {
  return nameservers.map(({ address }) => address)
}
