import type { NodePod } from './node-pod.ts'

/** Why a pod is not ours to serve. */
export type ReasonToLeave =
  | 'not opted in'
  | 'opted out'
  | 'DNS capture off'
  | 'has a sidecar'
  | 'network of the node'
  | 'ended'
  | 'part of meshdns'

/** Istio's label for ambient mode, on pods and on namespaces. */
export const modeLabel = 'istio.io/dataplane-mode'

/**
 * Whether a pod is left alone, and why (Istio: adding workloads to an ambient mesh); `namespaceMode` is what the label
 * says of its namespace. What the pod says of itself goes before.
 */
export function reasonToLeave(
  pod: NodePod,
  namespaceMode: string | undefined,
): ReasonToLeave | undefined {
  const mode = pod.labels[modeLabel] ?? namespaceMode
  if (pod.hostNetwork) return 'network of the node'
  if (pod.ended) return 'ended'
  if (pod.labels['app.kubernetes.io/part-of'] === 'meshdns') return 'part of meshdns'
  if (pod.hasSidecar) return 'has a sidecar'
  if (mode === 'none') return 'opted out'
  if (mode !== 'ambient') return 'not opted in'
  return pod.refusesCapture ? 'DNS capture off' : undefined
}
