import type { ClusterNames } from '../../../config/cluster-object-names.ts'
import type { ClusterObject } from '../object.ts'
import type { Rule } from './controller-rules.ts'
import { clusterWideMetadata, ownMetadata } from './metadata.ts'
import { withoutReason } from './roles.ts'

/** What the node agents may do, in all namespaces. */
export const nodeRules: readonly Rule[] = [
  {
    apiGroups: [''],
    resources: ['pods'],
    verbs: ['list', 'watch'],
    why: 'which pods of the node take part, and how they want their names resolved',
  },
  {
    apiGroups: [''],
    resources: ['namespaces'],
    verbs: ['list', 'watch'],
    why: 'namespaces whose pods take part',
  },
  {
    apiGroups: ['networking.istio.io'],
    resources: ['sidecars'],
    verbs: ['list', 'watch'],
    why: 'what each pod sees',
  },
]

/** The account that the node agents run as, and what it may do. */
export function renderNodeRoles(names: ClusterNames): readonly ClusterObject[] {
  const { node, nodeRole, namespace } = names
  const apiGroup = 'rbac.authorization.k8s.io'
  const apiVersion = `${apiGroup}/v1`
  return [
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata: ownMetadata(names, node) },
    {
      apiVersion,
      kind: 'ClusterRole',
      metadata: clusterWideMetadata(names, nodeRole),
      rules: nodeRules.map(withoutReason),
    },
    {
      apiVersion,
      kind: 'ClusterRoleBinding',
      metadata: clusterWideMetadata(names, nodeRole),
      roleRef: { apiGroup, kind: 'ClusterRole', name: nodeRole },
      subjects: [{ kind: 'ServiceAccount', name: node, namespace }],
    },
  ]
}
