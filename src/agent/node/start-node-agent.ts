import { readFile } from 'node:fs/promises'
import { CodedError } from '../../base/coded-error.ts'
import { createRandom } from '../../base/random.ts'
import { startResolvConfFile } from '../../files/resolv-conf-file.ts'
import { openClusterAccess } from '../../kubernetes/client/cluster-access.ts'
import { isInsideCluster } from '../../kubernetes/client/inside-cluster.ts'
import { lateClient } from '../../kubernetes/client/late-client.ts'
import { createLookup } from '../../serve/lookup.ts'
import { type AgentCatalog, startLoneCatalog } from '../catalog.ts'
import { lookupTimeoutMs, type OutsideWorld, startResolver } from '../core.ts'
import { createAgentPorts } from '../create-agent-ports.ts'
import { FirstTable, noTableYet } from '../first-table.ts'
import { nodeProcessesHidden } from '../health.ts'
import { logQueries } from '../log-queries.ts'
import type { AgentOptions } from '../options.ts'
import type { AgentPorts } from '../ports.ts'
import { noKeeper, type SocketKeeper, StoreKeeper } from '../socket-store/socket-keeper.ts'
import type { Agent, AgentProcess } from '../start-agent.ts'
import type { NodePod } from './node-pod.ts'
import { NodePods } from './node-pods.ts'
import { reopenPods } from './open-pod.ts'
import { PodList } from './pod-list.ts'
import { NamedPodNetworks, type PodNetworks } from './pod-networks.ts'
import { podResolvConf } from './pod-resolv-conf.ts'
import { ProcessPodNetworks } from './process-pod-networks.ts'
import { ServedPodsFile } from './served-pods-file.ts'
import { SharedCatalog } from './shared-catalog.ts'
import { SharedViews } from './shared-views.ts'
import { SidecarList } from './sidecar-list.ts'
import { SidecarsFile } from './sidecars-file.ts'

/** A node agent does not know which one. */
export class NodeNameMissingError extends CodedError {
  override readonly code = 'AGENT_NODE_NAME'

  constructor() {
    super('the name of this node is not known', {
      hint: 'Say it with --node-name, or in NODE_NAME; the DaemonSet takes it from spec.nodeName.',
    })
  }
}

/** Where a container may be: the first process of the node is seen only with its process IDs. */
const nodeResolvConf = '/proc/1/root/etc/resolv.conf'
/** How long the first list of Sidecars may keep pods waiting, where the last agent left none. */
const sidecarPatienceMs = 500

/**
 * Starts the agent of all pods of a node: those that were served before are served again when this returns, whether
 * the cluster answers or not.
 * @throws {CodedError} when a part cannot start; nothing is left running then.
 */
export async function startNodeAgent(options: AgentOptions, process: AgentProcess): Promise<Agent> {
  const ports = createAgentPorts(process)
  return ports.scope.whole(() => startParts(options, process, ports))
}

async function startParts(
  given: AgentOptions,
  process: AgentProcess,
  ports: AgentPorts,
): Promise<Agent> {
  const { clock, log, scope } = ports
  const { env } = process
  const name = given.node.name || env['NODE_NAME']
  if (!name) throw new NodeNameMissingError()
  const node = { ...given.node, name }
  const options = { ...given, node }
  logQueries(ports)(options.logLevel === 'debug')
  const file = new ServedPodsFile(options.stateFolder, log)
  const keeper = await startKeeper(options, ports)
  const networks = networksOf(options, env, ports)
  const reopened = await reopenPods((await file.load()) ?? [], options, { keeper, log, networks })
  const texts = await resolvConfTexts(options)
  const client = lateClient(() => openClusterAccess({ ...node, env }))
  const cluster = { ...ports, client, random: createRandom() }
  const catalog = await startCatalog(options, process, ports)
  const sidecarsFile = new SidecarsFile(options.stateFolder, log)
  const sidecars = await scope.start(
    'sidecars',
    () => new SidecarList({ ...cluster, file: sidecarsFile }),
  )
  const listingSidecars = (await sidecars.load()) ? undefined : sidecars.start()
  if (listingSidecars) await firstOf(listingSidecars, sidecarPatienceMs, ports)
  const shared = new SharedCatalog(sidecars.over(catalog))
  const views = await scope.start(
    'views',
    () => new SharedViews(options, { clock, log, catalog: shared }),
  )
  const firstTable = new FirstTable({ clock, catalog, waitMs: options.controller.firstTableMs })
  const resolvConfOf: ConstructorParameters<typeof NodePods>[1]['resolvConfOf'] = (pod) =>
    podResolvConf(pod, { ...texts, clusterDomain: options.clusterDomain })
  const pods = await scope.start('pods', () =>
    new NodePods(options, {
      ...ports,
      views,
      keeper,
      networks,
      firstTable,
      file,
      resolvConfOf,
    }).start(reopened),
  )
  keeper.serving()
  // What is loaded from here on kept nobody waiting.
  await client.open()
  if (!listingSidecars) void sidecars.start()
  let isListed = false
  const list = await scope.start('pod list', () => new PodList(name, cluster))
  const take = async (wanted: ReadonlyMap<string, NodePod>) => {
    // Until then a pod would see more than it should.
    await listingSidecars
    await pods.set(wanted)
    isListed = true
  }
  const listing = list.start((wanted) => {
    take(wanted).catch((error: unknown) => log.error({ error }, 'pods could not be taken over'))
  })
  listing.catch((error: unknown) => log.error({ error }, 'pods could not be listed'))
  const { serveNodePages } = await import('./node-pages.ts')
  await serveNodePages(
    options,
    {
      catalog,
      pods,
      left: () => list.left(),
      source: process.source,
      readiness() {
        if (!isListed) return { ready: false, reason: 'waiting for the lists of pods and Sidecars' }
        if (firstTable.isAwaited) return { ready: false, reason: noTableYet }
        const table = catalog.state?.()
        return table ? { ready: true, table } : { ready: true }
      },
    },
    ports,
  )
  const count = reopened.filter(({ opened }) => opened).length
  log.info({ services: catalog.services().size, count, mode: 'node' }, 'answering')
  return {
    stop: () => scope.stop(),
    async reload() {
      await Promise.all([catalog.reload(), list.reload()])
    },
  }
}

function networksOf(
  { node }: AgentOptions,
  env: AgentProcess['env'],
  { clock, health }: AgentPorts,
): PodNetworks {
  if (node.networks !== '/proc') return new NamedPodNetworks(node.networks)
  const networks = new ProcessPodNetworks(node.networks, clock)
  // Where we are no pod, process 1 may have what we have.
  if (isInsideCluster(env) && networks.isBlind) {
    health.set(nodeProcessesHidden, 'process 1 is of its own container')
  }
  return networks
}

async function startKeeper({ node }: AgentOptions, ports: AgentPorts): Promise<SocketKeeper> {
  const { log, scope } = ports
  if (node.socketStore === '') {
    log.info({ mode: 'node' }, 'sockets are not kept while there is no agent')
    return noKeeper
  }
  return scope.start('socket store', () =>
    StoreKeeper.start(node.socketStore, { ...ports, random: createRandom() }),
  )
}

/** From files or a controller, which is found as everybody on the node finds it, never through the mesh. */
async function startCatalog(
  options: AgentOptions,
  process: AgentProcess,
  ports: AgentPorts,
): Promise<AgentCatalog> {
  const { clock, scope } = ports
  if (options.controller.addresses.length === 0) return startLoneCatalog(options, ports)
  const { startControllerCatalog } = await import('../controller-catalog.ts')
  const resolver = await startResolver(options, { own: [] }, ports)
  const resolvConf = await scope.start('resolv.conf', () =>
    startResolvConfFile(options.resolvConf, ports),
  )
  resolvConf.follow((conf) => resolver.followResolvConf(conf))
  const outside: OutsideWorld = {
    lookup: createLookup(resolver, { clock, timeoutMs: lookupTimeoutMs }),
    resolvConf: () => resolvConf.current(),
  }
  return startControllerCatalog(options, { ...ports, outside, identity: process })
}

/** What pods get whose own file cannot be read. */
async function resolvConfTexts({ resolvConf }: AgentOptions) {
  const read = (file: string) => readFile(file, 'utf8').catch(() => '')
  const [cluster, node] = await Promise.all([read(resolvConf), read(nodeResolvConf)])
  return { cluster, node: node === '' ? cluster : node }
}

async function firstOf(
  started: Promise<unknown>,
  patienceMs: number,
  { clock }: AgentPorts,
): Promise<void> {
  const { promise: late, resolve } = Promise.withResolvers<void>()
  const cancel = clock.after(patienceMs, resolve)
  await Promise.race([started, late])
  cancel()
}
