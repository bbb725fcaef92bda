import type { Log } from '../../base/log.ts'
import type { AgentOptions } from '../options.ts'
import type { SocketKeeper } from '../socket-store/socket-keeper.ts'
import { adoptPod } from './held-pod.ts'
import type { NodePod } from './node-pod.ts'
import type { OpenedPod } from './pod-agent.ts'
import { type NamespaceId, PodNamespace } from './pod-namespace.ts'
import type { PodNetwork, PodNetworks } from './pod-networks.ts'
import { PodSockets } from './pod-sockets.ts'
import type { ServedPod } from './served-pods-file.ts'

/**
 * Opens a pod's network and the sockets in it, unless it is not the network that it should be: another one than
 * `expected`, or the node's own, or ours.
 * @throws {ServeBindError} when somebody in the pod has the port.
 */
export async function openPod(
  { pod, network, expected }: { pod: NodePod; network: PodNetwork; expected?: NamespaceId },
  options: AgentOptions,
  networks: Pick<PodNetworks, 'isOf'>,
): Promise<OpenedPod | undefined> {
  const namespace = PodNamespace.open(network.path)
  if (!namespace) return undefined
  try {
    const isExpected = expected === undefined || expected === namespace.id
    // Asked when it is open: whose it is now, it was before.
    if (!namespace.isOfPod || !isExpected || !(await networks.isOf(pod, network))) {
      namespace.close()
      return undefined
    }
    return { pod, network, namespace, sockets: PodSockets.open(namespace, options) }
  } catch (error) {
    namespace.close()
    throw error
  }
}

/** A pod to be served, and what is there of it already. */
export interface ReopenedPod {
  readonly pod: NodePod
  /** How an agent before us has served it. */
  readonly before?: ServedPod
  /** Missing where that failed, and is to be tried again. */
  readonly opened?: OpenedPod
}

/**
 * Opens what an agent before us has served, as far as it is still there: questions wait in the sockets from now on, and
 * have waited all the time in those that were kept.
 */
export async function reopenPods(
  served: readonly ServedPod[],
  options: AgentOptions,
  {
    keeper,
    log,
    networks,
  }: {
    readonly keeper: SocketKeeper
    readonly log: Log
    readonly networks: Pick<PodNetworks, 'isOf'>
  },
): Promise<readonly ReopenedPod[]> {
  const pods = new Map(served.map(({ pod }) => [pod.uid, pod]))
  const kept = new Map<string, OpenedPod>()
  for (const one of await keeper.take()) {
    const opened = adoptPod(one, options)
    // What the file says of it is newer.
    if (opened) kept.set(one.key, { ...opened, pod: pods.get(one.key) ?? opened.pod })
    else await keeper.drop(one.key)
  }
  const others = served.map(async (before) => {
    const { pod, network, namespaceId: expected } = before
    if (kept.has(pod.uid)) return []
    try {
      const opened = await openPod({ pod, network, expected }, options, networks)
      return opened ? [{ pod, before, opened }] : []
    } catch (error) {
      // A store that did not answer in time has its ports.
      log.warn({ pod: `${pod.namespace}/${pod.name}`, error }, 'a pod could not be opened again')
      return [{ pod, before }]
    }
  })
  const taken = Array.from(kept.values(), (opened) => {
    const { pod, network, namespace } = opened
    return { pod, before: { pod, network, namespaceId: namespace.id }, opened }
  })
  return [...taken, ...(await Promise.all(others)).flat()]
}
