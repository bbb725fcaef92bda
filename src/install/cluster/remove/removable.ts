import { type ClusterNames, sharedNames } from '../../../config/cluster-object-names.ts'
import { definitions } from '../definitions/definitions.ts'
import { type ObjectReference, referenceOf } from '../object.ts'

const rbac = 'rbac.authorization.k8s.io/v1'
const admission = 'admissionregistration.k8s.io/v1'

/** What makes the API server ask us: goes first, so that nobody waits for answers. */
export function removableWebhooks({
  injector,
  validator,
}: ClusterNames): readonly ObjectReference[] {
  return [
    { apiVersion: admission, kind: 'MutatingWebhookConfiguration', name: injector },
    { apiVersion: admission, kind: 'ValidatingWebhookConfiguration', name: validator },
  ]
}

/** The node agents, with what they needed to run. */
export function removableNodeAgents({
  namespace,
  node: name,
  nodeRole,
}: ClusterNames): readonly ObjectReference[] {
  return [
    { apiVersion: 'apps/v1', kind: 'DaemonSet', name, namespace },
    { apiVersion: rbac, kind: 'ClusterRoleBinding', name: nodeRole },
    { apiVersion: rbac, kind: 'ClusterRole', name: nodeRole },
    { apiVersion: 'v1', kind: 'ServiceAccount', name, namespace },
  ]
}

/** The controllers, and the node agents. */
export function removableWorkload(names: ClusterNames): readonly ObjectReference[] {
  const own = { name: names.controller, namespace: names.namespace }
  return [
    ...removableNodeAgents(names),
    { apiVersion: 'autoscaling/v2', kind: 'HorizontalPodAutoscaler', ...own },
    { apiVersion: 'apps/v1', kind: 'Deployment', ...own },
    { apiVersion: 'policy/v1', kind: 'PodDisruptionBudget', ...own },
  ]
}

/** What they needed to run. */
export function removableRest(names: ClusterNames): readonly ObjectReference[] {
  const { namespace, clusterRole } = names
  const own = { name: names.controller, namespace }
  return [
    { apiVersion: 'v1', kind: 'Service', name: names.service, namespace },
    { apiVersion: rbac, kind: 'RoleBinding', ...own },
    { apiVersion: rbac, kind: 'Role', ...own },
    { apiVersion: rbac, kind: 'ClusterRoleBinding', name: clusterRole },
    { apiVersion: rbac, kind: 'ClusterRole', name: clusterRole },
    { apiVersion: 'v1', kind: 'ServiceAccount', ...own },
  ]
}

/** What a later installation goes on with. */
export function removableSettings(names: ClusterNames): readonly ObjectReference[] {
  const { namespace, meshConfigMap, injectorConfigMap } = names
  return [meshConfigMap, injectorConfigMap].map((name) => {
    return { apiVersion: 'v1', kind: 'ConfigMap', name, namespace }
  })
}

/** What all revisions in a namespace share, the CA among it. */
export function removableState(namespace: string): readonly ObjectReference[] {
  const { lease, caSecret, quarantineConfigMap } = sharedNames
  return [
    { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', name: lease, namespace },
    { apiVersion: 'v1', kind: 'ConfigMap', name: quarantineConfigMap, namespace },
    { apiVersion: 'v1', kind: 'Secret', name: caSecret, namespace },
  ]
}

/** What all installations in a cluster share. */
export const removableDefinitions: readonly ObjectReference[] = [...definitions.values()].map(
  referenceOf,
)
