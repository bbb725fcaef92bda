import type { Log } from '../../base/log.ts'
import type { AgentOptions } from '../options.ts'
import type { NodePod } from './node-pod.ts'
import type { OpenedPod } from './pod-agent.ts'
import { type NamespaceId, namespaceAt, PodNamespace } from './pod-namespace.ts'
import type { PodNetwork } from './pod-networks.ts'
import { PodSockets } from './pod-sockets.ts'
import type { ServedPod } from './served-pods-file.ts'

/**
 * Opens a pod's network and the sockets in it, unless it is not the network that it should be: another one than
 * `expected`, or the node's own, or ours.
 * @throws {ServeBindError} when somebody in the pod has the port.
 */
export function openPod(
  { pod, network, expected }: { pod: NodePod; network: PodNetwork; expected?: NamespaceId },
  options: AgentOptions,
): OpenedPod | undefined {
  const namespace = PodNamespace.open(network.path)
  if (!namespace) return undefined
  const isForeign = ['/proc/self/ns/net', '/proc/1/ns/net'].every(
    (path) => namespaceAt(path) !== namespace.id,
  )
  if (!isForeign || (expected !== undefined && expected !== namespace.id)) {
    namespace.close()
    return undefined
  }
  try {
    return { pod, network, namespace, sockets: PodSockets.open(namespace, options) }
  } catch (error) {
    namespace.close()
    throw error
  }
}

/** Opens what an agent before us has served, as far as it is still there: questions wait in the sockets from now on. */
export function reopenPods(
  served: readonly ServedPod[],
  options: AgentOptions,
  log: Log,
): readonly OpenedPod[] {
  return served.flatMap(({ pod, network, namespaceId: expected }) => {
    try {
      return openPod({ pod, network, expected }, options) ?? []
    } catch (error) {
      // It is tried again, and told, when the cluster says that it is still to be served.
      log.warn({ pod: `${pod.namespace}/${pod.name}`, error }, 'a pod could not be opened again')
      return []
    }
  })
}
