import type { ClusterNames } from '../../../config/cluster-object-names.ts'
import { ownLabels } from '../../../config/cluster-object-names.ts'
import type { ClusterObject } from '../object.ts'

/** Not of one revision: several may live there. */
export function renderNamespace({ namespace }: ClusterNames): ClusterObject {
  return { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace, labels: ownLabels } }
}
