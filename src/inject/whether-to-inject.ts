import { isRevisioned } from '../config/mesh-names.ts'
import { mapAt, type PlainMap, textAt } from '../documents/plain-map.ts'
import { annotationsOf, labelsOf, type Pod, specOf } from './pod-parts.ts'

export interface Belonging {
  /** Labels of the pod's namespace; `undefined` when nobody knows them: then it was asked for. */
  readonly namespaceLabels?: ReadonlyMap<string, string>
  readonly namespace: string
  /** Of the control plane that is asked. */
  readonly revision: string
  /** Whether namespaces that say nothing are of the mesh. */
  readonly byDefault: boolean
}

export type Decision =
  | { readonly inject: true; readonly warnings: readonly string[] }
  | { readonly inject: false; readonly reason: string }

const injectKey = 'sidecar.istio.io/inject'
const revisionKey = 'istio.io/rev'

/** Namespaces of the cluster itself, which are never of a mesh. */
const systemNamespaces = ['kube-system', 'kube-public', 'kube-node-lease']

/**
 * Whether a pod gets an agent, in Istio's order: what says no counts first, then what says yes.
 *
 * `istio-injection` of a namespace goes over its `istio.io/rev`, a pod's label over its annotation, and the revision of
 * a namespace over that of a pod. A pod that says yes in a namespace that says nothing is injected.
 */
export function whetherToInject(pod: Pod, belonging: Belonging): Decision {
  const no = (reason: string): Decision => ({ inject: false, reason })
  const spec = specOf(pod)
  if (spec['hostNetwork'] === true) return no('it has the network of its node')
  if (isOfWindows(spec)) return no('it is of Windows')
  if (systemNamespaces.includes(belonging.namespace)) return no('its namespace is of the cluster')
  const said = labelsOf(pod).get(injectKey) ?? annotationsOf(pod).get(injectKey) ?? ''
  if (said === 'false') return no(`${injectKey} says so`)
  const strange = !['', 'true'].includes(said)
  const warnings = strange
    ? [`${injectKey}: ${JSON.stringify(said)} is neither true nor false`]
    : []
  const namespace = belonging.namespaceLabels
  if (namespace === undefined) return { inject: true, warnings }
  const injection = namespace.get('istio-injection') ?? ''
  if (injection === 'disabled') return no('its namespace has istio-injection=disabled')
  const revision = namespace.get(revisionKey) ?? labelsOf(pod).get(revisionKey)
  const isOurs = injection === 'enabled' ? !isRevisioned(belonging.revision) : undefined
  const ours = isOurs ?? (revision === undefined ? undefined : isOf(revision, belonging.revision))
  if (ours === false) return no('it is of another revision')
  const wanted = ours === true || said === 'true' || belonging.byDefault
  return wanted ? { inject: true, warnings } : no('neither it nor its namespace asks for it')
}

function isOfWindows(spec: PlainMap): boolean {
  const chosen = textAt(mapAt(spec, 'nodeSelector'), 'kubernetes.io/os')
  return chosen === 'windows' || textAt(mapAt(spec, 'os'), 'name') === 'windows'
}

function isOf(named: string, own: string): boolean {
  return isRevisioned(named) ? named === own : !isRevisioned(own)
}
