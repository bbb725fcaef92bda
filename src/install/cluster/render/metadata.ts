import type { ClusterNames } from '../../../config/cluster-object-names.ts'
import { ownLabels } from '../../../config/cluster-object-names.ts'

/** Labels of what belongs to one revision. */
export function revisionLabels({ revision }: ClusterNames): Readonly<Record<string, string>> {
  return { ...ownLabels, 'istio.io/rev': revision }
}

/** What the controller's pods are found by; part of a selector that never changes. */
export function controllerLabels({ revision }: ClusterNames): Readonly<Record<string, string>> {
  return { app: 'meshdns-controller', 'istio.io/rev': revision }
}

export function ownMetadata(names: ClusterNames, name: string) {
  return { name, namespace: names.namespace, labels: revisionLabels(names) }
}

export function clusterWideMetadata(names: ClusterNames, name: string) {
  return { name, labels: revisionLabels(names) }
}
