import { poolsOf } from '../allocate/pools.ts'
import { createRandom } from '../base/random.ts'
import type { Environment } from '../config/agent-settings.ts'
import { type NetworkInterfaces, outwardAddresses } from '../ip/outward-families.ts'
import { nodeOf } from '../xds/client/node.ts'
import { createControllerResolve } from '../xds/client/resolve-controller.ts'
import { XdsSource } from '../xds/client/xds-source.ts'
import { workloadProbeOf } from '../xds/probe/options.ts'
import { WorkloadProber } from '../xds/probe/workload-prober.ts'
import type { OutsideWorld } from './core.ts'
import { startMachineIdentity } from './machine-identity.ts'
import type { AgentOptions } from './options.ts'
import type { AgentPorts } from './ports.ts'

/** What an agent tells a controller of itself. */
export interface AgentIdentity {
  /** The machine's short name. */
  readonly hostname: string
  /** Of this program. */
  readonly version: string
  /** Istio's variables: what becomes of them stands in the node's metadata. */
  readonly env: Environment
  /** `os.networkInterfaces`. */
  interfaces(): NetworkInterfaces
}

/** Stands for the file where a controller names none. */
const source = 'controller'

/** For an agent that has controllers: services with their addresses, from the saved table at once. */
export async function startControllerCatalog(
  options: AgentOptions,
  ports: AgentPorts & { readonly identity: AgentIdentity; readonly outside: OutsideWorld },
): Promise<XdsSource> {
  const { controller, stateFolder, clusterDomain } = options
  const { identity, outside, scope } = ports
  const { v4, v6 } = poolsOf(options.virtualAddresses)
  const virtualRanges = [v4, v6]
  const resolve = createControllerResolve({
    ...outside,
    hostsFile: controller.hostsFile,
    virtualPrefixes: virtualRanges,
  })
  const credentials = await startMachineIdentity(options, resolve, ports)
  const catalog = new XdsSource(
    { controller, stateFolder, reading: { clusterDomain, virtualRanges, source } },
    {
      ...ports,
      ...(credentials ? { credentials } : {}),
      random: createRandom(),
      node: () => nodeFor(options, identity),
      resolve,
    },
  )
  await scope.start('controller', () => catalog.start())
  const probe = workloadProbeOf(options.readinessProbe)
  if (probe) {
    const report = { report: catalog.reportHealth.bind(catalog) }
    await scope.start('workload probe', () =>
      new WorkloadProber(probe, { ...ports, ...report }).start(),
    )
  }
  return catalog
}

function nodeFor(options: AgentOptions, identity: AgentIdentity) {
  const { namespace, captureEnabled: dnsCapture, readinessProbe } = options
  const addresses = outwardAddresses(identity.interfaces())
  const probe = workloadProbeOf(readinessProbe)
  const known = {
    type: options.node.enabled ? ('ztunnel' as const) : ('sidecar' as const),
    name: identity.hostname,
    version: identity.version,
    namespace,
    addresses,
    dnsCapture,
    node: options.node.name,
    ...(probe ? { probe } : {}),
  }
  return nodeOf(known, identity.env)
}
