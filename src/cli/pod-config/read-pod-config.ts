import { readNodePod } from '../../agent/node/node-pod.ts'
import { modeLabel, reasonToLeave } from '../../agent/node/opted-in.ts'
import { PodsPage } from '../../agent/node/pods-page.ts'
import { OptionsPage } from '../../agent/options-page.ts'
import { CodedError } from '../../base/coded-error.ts'
import { reasonOf } from '../../base/reason-of.ts'
import { valueAt } from '../../config/layer.ts'
import { isRevisioned } from '../../config/mesh-names.ts'
import { mapsAt } from '../../documents/plain-map.ts'
import { agentVariablesOf } from '../../inject/agent-variables.ts'
import { injectPod } from '../../inject/inject-pod.ts'
import type { InjectionMesh } from '../../inject/injection-mesh.ts'
import { readStatus } from '../../inject/injection-status.ts'
import { labelsOf } from '../../inject/pod-parts.ts'
import type { ClusterClient } from '../../kubernetes/client/cluster-client.ts'
import { findObject } from '../../kubernetes/client/find-object.ts'
import { readPodPage } from '../../kubernetes/client/read-pod-page.ts'
import { readClusterInjection } from '../read-injection-mesh.ts'
import type { FoundPod } from './find-pod.ts'
import { type AgentAnswer, injectionOf, type PodConfig } from './pod-config.ts'

/** The pod is there, and has no agent of ours. */
export class PodWithoutAgentError extends CodedError {
  override readonly code = 'CLI_POD_WITHOUT_AGENT'

  constructor({ namespace, name }: FoundPod, why: string, hint: string) {
    super(`pod ${namespace}/${name} has no agent: ${why}`, { hint })
  }
}

/**
 * What holds for a pod, of all who have a say.
 * @throws {PodWithoutAgentError} when it has none.
 * @throws {ControlPlaneMissingError} when the one that injected it is gone.
 */
export async function readPodConfig(
  client: ClusterClient,
  found: FoundPod,
  istioNamespace: string,
): Promise<PodConfig> {
  const { pod, namespace } = found
  const status = readStatus(pod)
  if (status === 'foreign') {
    const hint = 'Ask it with the tools of whoever injected it, such as istioctl.'
    throw new PodWithoutAgentError(found, 'its sidecar is of somebody else', hint)
  }
  const path = `/api/v1/namespaces/${encodeURIComponent(namespace)}`
  const namespaceLabels = labelsOf((await findObject(client, path)) ?? {})
  const ofNode = status
    ? undefined
    : await configOfNode(client, found, { istioNamespace, namespaceLabels })
  if (ofNode) return ofNode
  const key = 'istio.io/rev'
  const named = status?.revision ?? namespaceLabels.get(key) ?? labelsOf(pod).get(key) ?? ''
  const revision = isRevisioned(named) ? named : ''
  const mesh = await readClusterInjection(client, { namespace: istioNamespace, revision })
  if (!status) throw whyWithout(found, mesh, namespaceLabels)
  return { ...injectionOf(found, mesh), agent: await optionsOf(client, found) }
}

function whyWithout(
  found: FoundPod,
  mesh: InjectionMesh,
  namespaceLabels: ReadonlyMap<string, string>,
): PodWithoutAgentError {
  const { pod, namespace } = found
  if (namespace === mesh.namespace) {
    const hint = 'What holds for the mesh: meshdns proxy-config, without a pod.'
    return new PodWithoutAgentError(found, 'pods of the control plane never get one', hint)
  }
  const outcome = injectPod({ pod, namespace, namespaceLabels, mesh })
  if (outcome.kind === 'skipped') {
    const label = mesh.revision === '' ? 'istio-injection=enabled' : `istio.io/rev=${mesh.revision}`
    const hint = `Pods are injected when they are made: kubectl label namespace ${namespace} ${label}, or label sidecar.istio.io/inject: "true" on the pod; then make it anew.`
    return new PodWithoutAgentError(found, outcome.reason, hint)
  }
  const hint = 'Make it anew: kubectl rollout restart of what makes it, or kubectl delete pod.'
  const why = 'it was made before anybody asked for one, or while nobody injected'
  return new PodWithoutAgentError(found, why, hint)
}

/** What the node agent of a pod says of both; nothing where the pod is not up to it. */
async function configOfNode(
  client: ClusterClient,
  found: FoundPod,
  { istioNamespace, namespaceLabels }: NodePlace,
): Promise<PodConfig | undefined> {
  const known = readNodePod(found.pod)
  if (!known || reasonToLeave(known, namespaceLabels.get(modeLabel)) !== undefined) return undefined
  const node = String(valueAt(found.pod, ['spec', 'nodeName']))
  const list = await client.call({
    path: `/api/v1/namespaces/${encodeURIComponent(istioNamespace)}/pods`,
    query: { labelSelector: 'app=meshdns-node', fieldSelector: `spec.nodeName=${node}` },
  })
  const [pod] = mapsAt(list, 'items')
  if (!pod) {
    const hint = `The DaemonSet has it: kubectl get daemonset,pods -n ${istioNamespace}. It comes with meshdns install --set profile=ambient.`
    const why = `the node agent of ${node} is to serve it, and there is none`
    throw new PodWithoutAgentError(found, why, hint)
  }
  const agent = { namespace: istioNamespace, name: String(valueAt(pod, ['metadata', 'name'])), pod }
  const state = await askAgent(client, agent, '/debug/podz')
    .then((page) => stateOf(found, PodsPage.parse(page)))
    .catch(() => undefined)
  const { namespace, name } = found
  return {
    workload: { kind: 'Pod', namespace, name },
    settings: [],
    faults: [],
    injected: [],
    nodeAgent: {
      pod: `${agent.namespace}/${agent.name}`,
      ...(state === undefined ? {} : { state }),
    },
    agent: await optionsOf(client, agent),
  }
}

/** In the words of the agent. */
function stateOf({ namespace, name }: FoundPod, { pods, left }: PodsPage): string {
  const place = `${namespace}/${name}`
  const known = pods.find(({ pod }) => pod === place)
  if (known) return known.reason === undefined ? known.state : `${known.state}, ${known.reason}`
  const reason = left[place]
  return reason === undefined ? 'it does not know of it' : `left alone, ${reason}`
}

interface NodePlace {
  readonly istioNamespace: string
  readonly namespaceLabels: ReadonlyMap<string, string>
}

async function optionsOf(client: ClusterClient, agent: FoundPod): Promise<AgentAnswer> {
  try {
    return OptionsPage.parse(await askAgent(client, agent, '/debug/options'))
  } catch (error) {
    return { unreachable: reasonOf(error) }
  }
}

/** A page of the agent in a pod. */
async function askAgent(
  client: ClusterClient,
  { namespace, name, pod }: FoundPod,
  path: string,
): Promise<unknown> {
  const address = agentVariablesOf(pod).get('MESHDNS_ADMIN_ADDRESS') ?? ''
  const port = Number(/:(\d+)$/.exec(address)?.[1] ?? 15_020)
  const { status, text } = await readPodPage(client, { namespace, pod: name, port }, path)
  if (status === 200) return JSON.parse(text)
  throw new Error(status === 404 ? 'it is of a version that does not tell' : `it says ${status}`)
}
