import { readNodePod } from '../../agent/node/node-pod.ts'
import { modeLabel, reasonToLeave } from '../../agent/node/opted-in.ts'
import { OptionsPage } from '../../agent/options-page.ts'
import { CodedError } from '../../base/coded-error.ts'
import { reasonOf } from '../../base/reason-of.ts'
import { valueAt } from '../../config/layer.ts'
import { isRevisioned } from '../../config/mesh-names.ts'
import { isPlainMap } from '../../documents/plain-map.ts'
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
    : await nodeAgentOf(client, found, { istioNamespace, namespaceLabels })
  if (ofNode) throw ofNode
  const key = 'istio.io/rev'
  const named = status?.revision ?? namespaceLabels.get(key) ?? labelsOf(pod).get(key) ?? ''
  const revision = isRevisioned(named) ? named : ''
  const mesh = await readClusterInjection(client, { namespace: istioNamespace, revision })
  if (!status) throw whyWithout(found, mesh, namespaceLabels)
  return { ...injectionOf(found, mesh), agent: await askAgent(client, found) }
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

/** Says which agent serves a pod from outside of it; nothing where none is to. */
async function nodeAgentOf(
  client: ClusterClient,
  found: FoundPod,
  { istioNamespace, namespaceLabels }: NodePlace,
): Promise<PodWithoutAgentError | undefined> {
  const known = readNodePod(found.pod)
  if (!known || reasonToLeave(known, namespaceLabels.get(modeLabel)) !== undefined) return undefined
  const node = String(valueAt(found.pod, ['spec', 'nodeName']))
  const { items } = await client.call({
    path: `/api/v1/namespaces/${encodeURIComponent(istioNamespace)}/pods`,
    query: { labelSelector: 'app=meshdns-node', fieldSelector: `spec.nodeName=${node}` },
  })
  const [agent] = Array.isArray(items) ? items.filter(isPlainMap) : []
  if (!agent) {
    const hint = `The DaemonSet has it: kubectl get daemonset,pods -n ${istioNamespace}. It comes with meshdns install --set profile=ambient.`
    return new PodWithoutAgentError(
      found,
      `an agent of its node ${node} is to serve it, and none is there`,
      hint,
    )
  }
  const name = String(valueAt(agent, ['metadata', 'name']))
  const hint = `How it serves the pod: kubectl port-forward -n ${istioNamespace} ${name} 15020, and /debug/podz there.`
  return new PodWithoutAgentError(
    found,
    `the agent of its node serves it, ${istioNamespace}/${name}`,
    hint,
  )
}

interface NodePlace {
  readonly istioNamespace: string
  readonly namespaceLabels: ReadonlyMap<string, string>
}

async function askAgent(
  client: ClusterClient,
  { namespace, name, pod }: FoundPod,
): Promise<AgentAnswer> {
  const address = agentVariablesOf(pod).get('MESHDNS_ADMIN_ADDRESS') ?? ''
  const port = Number(/:(\d+)$/.exec(address)?.[1] ?? 15_020)
  try {
    const { status, text } = await readPodPage(
      client,
      { namespace, pod: name, port },
      '/debug/options',
    )
    if (status === 200) return OptionsPage.parse(JSON.parse(text))
    return {
      unreachable: status === 404 ? 'it is of a version that does not tell' : `it says ${status}`,
    }
  } catch (error) {
    return { unreachable: reasonOf(error) }
  }
}
