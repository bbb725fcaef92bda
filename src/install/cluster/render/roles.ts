import type { ClusterNames } from '../../../config/cluster-object-names.ts'
import type { PlainMap } from '../../../documents/plain-map.ts'
import type { ClusterObject } from '../object.ts'
import { clusterRules, ownRules, type Rule } from './controller-rules.ts'
import { clusterWideMetadata, ownMetadata } from './metadata.ts'

const group = 'rbac.authorization.k8s.io'
const apiVersion = `${group}/v1`

/** The account that the controller runs as, and what it may do. */
export function renderRoles(names: ClusterNames): readonly ClusterObject[] {
  const { controller, clusterRole, namespace } = names
  const subjects = [{ kind: 'ServiceAccount', name: controller, namespace }]
  const roleRef = (kind: string, name: string) => ({ apiGroup: group, kind, name })
  return [
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata: ownMetadata(names, controller) },
    {
      apiVersion,
      kind: 'ClusterRole',
      metadata: clusterWideMetadata(names, clusterRole),
      rules: clusterRules(names).map(withoutReason),
    },
    {
      apiVersion,
      kind: 'ClusterRoleBinding',
      metadata: clusterWideMetadata(names, clusterRole),
      roleRef: roleRef('ClusterRole', clusterRole),
      subjects,
    },
    {
      apiVersion,
      kind: 'Role',
      metadata: ownMetadata(names, controller),
      rules: ownRules(names).map(withoutReason),
    },
    {
      apiVersion,
      kind: 'RoleBinding',
      metadata: ownMetadata(names, controller),
      roleRef: roleRef('Role', controller),
      subjects,
    },
  ]
}

export function withoutReason(rule: Rule): PlainMap {
  return Object.fromEntries(Object.entries(rule).filter(([key]) => key !== 'why'))
}
