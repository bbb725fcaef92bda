import { CodedError } from '../base/coded-error.ts'
import { valueAt } from '../config/layer.ts'
import { mapAt, mapsAt, type PlainMap } from '../documents/plain-map.ts'
import { isApiFailure } from '../kubernetes/client/api-failure.ts'
import { hasClusterAccess } from '../kubernetes/client/cluster-access.ts'
import type { ClusterClient } from '../kubernetes/client/cluster-client.ts'
import { isInsideCluster } from '../kubernetes/client/inside-cluster.ts'
import { type PodPage, readPodPage } from '../kubernetes/client/read-pod-page.ts'
import { clusterOptions, controlPlaneOption, openCluster } from './cluster-target.ts'
import type { Invocation, OptionSpec } from './command.ts'
import { UsageError } from './usage-error.ts'

/** The cluster has no controller that could be asked. */
export class ControllerMissingError extends CodedError {
  override readonly code = 'CLI_CONTROLLER_MISSING'

  constructor(namespace: string, cluster: string) {
    super(`no controller is ready in the namespace ${namespace} of the cluster ${cluster}`, {
      hint:
        `See: kubectl get pods -n ${namespace}. Where there is none, \`meshdns install\` installs it; ` +
        'name another namespace with --istioNamespace, another cluster with --kubeconfig or --context.',
    })
  }
}

/** Whoever asks may not reach into the controller's pods. */
export class ControllerForbiddenError extends CodedError {
  override readonly code = 'CLI_CONTROLLER_FORBIDDEN'

  constructor(namespace: string, cause: unknown) {
    super(`your account may not ask the controllers of the namespace ${namespace}`, {
      cause,
      hint:
        'They are asked through their pods: have somebody allow you to list pods, and to get and create pods/portforward, ' +
        `in that namespace. Try: kubectl auth can-i create pods/portforward -n ${namespace}`,
    })
  }
}

/** Which controllers of which cluster. */
export const clusterControllerOptions: readonly OptionSpec[] = [
  ...clusterOptions,
  controlPlaneOption,
]

const words = ['kubeconfig', 'context', 'istioNamespace']

/** A controller's pod. */
export interface ControllerPod {
  readonly name: string
  /** For people. */
  readonly place: string
  /** Throws a `ControllerForbiddenError` when we may not. */
  readonly read: (path: string) => Promise<PodPage>
}

/**
 * Whether a cluster is meant: somebody named one, or nothing else and has a kubeconfig; whoever is in a pod means
 * what runs there.
 * @throws {UsageError} when both a cluster and something else are named.
 */
export function meansCluster(
  { options, io }: Pick<Invocation, 'options' | 'io'>,
  others: readonly string[],
): boolean {
  const word = words.find((one) => options.isGiven(one))
  const given = others.filter((one) => options.isGiven(one))
  if (word === undefined) {
    return given.length === 0 && hasClusterAccess(io.env) && !isInsideCluster(io.env)
  }
  const other = given.find((one) => !options.isFromEnvironment(one))
  if (other === undefined) return true
  throw new UsageError(`--${word} is about a cluster, and --${other} about something else`, {
    hint: 'Leave one of them out.',
  })
}

/**
 * Those that are ready; in the order of their names.
 * @throws {ClusterAccessError} when there is no cluster.
 * @throws {ControllerMissingError} when there is none.
 * @throws {ControllerForbiddenError} when we may not see them.
 */
export async function findControllers(invocation: Invocation): Promise<readonly ControllerPod[]> {
  const client = await openCluster(invocation)
  const namespace = invocation.options.text('istioNamespace') ?? 'istio-system'
  const list = await client
    .call({
      path: `/api/v1/namespaces/${encodeURIComponent(namespace)}/pods`,
      query: { labelSelector: 'app=meshdns-controller' },
    })
    .catch(forbidden(namespace))
  const pods = mapsAt(list, 'items').filter(isReady)
  const names = pods.map((pod) => String(valueAt(pod, ['metadata', 'name'])))
  if (names.length > 0) return names.toSorted().map((name) => podOf(client, namespace, name))
  throw new ControllerMissingError(namespace, `${client.access.name} (${client.access.server})`)
}

/** Of its pages; on loopback. */
const port = 15_014

function podOf(client: ClusterClient, namespace: string, pod: string): ControllerPod {
  return {
    name: pod,
    place: `pod ${namespace}/${pod}`,
    read: (path) => readPodPage(client, { namespace, pod, port }, path).catch(forbidden(namespace)),
  }
}

function forbidden(namespace: string) {
  return (error: unknown): never => {
    throw isApiFailure(error, 403) ? new ControllerForbiddenError(namespace, error) : error
  }
}

function isReady(pod: PlainMap): boolean {
  const conditions = mapsAt(mapAt(pod, 'status'), 'conditions')
  return conditions.some(({ type, status }) => type === 'Ready' && status === 'True')
}
