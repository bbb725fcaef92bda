import { jsonPatch, type PatchStep } from '../documents/json-patch.ts'
import { isPlainMap, mapAt, type PlainMap, textAt } from '../documents/plain-map.ts'
import { injectPod } from './inject-pod.ts'
import type { InjectionMesh } from './injection-mesh.ts'
import { workloadOfPod } from './workload-of-pod.ts'

export interface InjectionPorts {
  /** What the mesh says now. */
  mesh(): InjectionMesh
  /** Labels of a namespace; `undefined` when nobody knows them yet. */
  namespaceLabels(namespace: string): ReadonlyMap<string, string> | undefined
}

/** What the API server is told of one pod (Kubernetes: admission.k8s.io/v1, AdmissionResponse). */
export interface InjectionResponse {
  readonly allowed: boolean
  /** Why it is not. */
  readonly message?: string
  readonly warnings?: readonly string[]
  readonly patch?: readonly PatchStep[]
}

/**
 * Answers an AdmissionReview about a pod that is to be created: with an agent, as it came, or not at all.
 *
 * `request` is the review's. Only a pod whose own words make no sense is refused; everything else that is not to be injected is
 * let through as it came. The webhook should fail closed (`failurePolicy: Fail`), as Istio's does: a pod that
 * is started without its agent while we are away resolves no name of the mesh, silently, for as long as it lives; one
 * that is refused is created a moment later by its ReplicaSet. Selectors keep away from it what must start without us, ourselves
 * above all. `reinvocationPolicy: IfNeeded` is right, as a second pass changes nothing that need not be.
 */
export function answerInjection(request: PlainMap, ports: InjectionPorts): InjectionResponse {
  const pod = request['object']
  const isCreated =
    textAt(request, 'operation') === 'CREATE' && textAt(request, 'subResource') === ''
  if (!isPlainMap(pod) || textAt(mapAt(request, 'kind'), 'kind') !== 'Pod' || !isCreated) {
    return { allowed: true }
  }
  const namespace = textAt(request, 'namespace')
  const namespaceLabels = ports.namespaceLabels(namespace)
  const outcome = injectPod({
    pod,
    namespace,
    mesh: ports.mesh(),
    ...(namespaceLabels ? { namespaceLabels } : {}),
  })
  if (outcome.kind === 'skipped') return { allowed: true }
  if (outcome.kind === 'refused') {
    const message = `meshdns cannot inject ${nameOf(pod, namespace)}: ${outcome.faults.join('; ')}`
    return { allowed: false, message }
  }
  const steps = jsonPatch(pod, outcome.pod)
  const { warnings } = outcome
  return {
    allowed: true,
    ...(warnings.length > 0 ? { warnings } : {}),
    ...(steps.length > 0 ? { patch: steps } : {}),
  }
}

/** A pod that something makes has no name yet; it is known by what makes it. */
function nameOf(pod: PlainMap, namespace: string): string {
  const { kind, name } = workloadOfPod(pod)
  return kind === 'Pod' ? `pod ${namespace}/${name}` : `a pod of ${kind} ${namespace}/${name}`
}
