import type { ClusterNames } from '../../../config/cluster-object-names.ts'
import type { ClusterObject } from '../object.ts'
import type { Scaling } from '../workload-settings.ts'
import { controllerLabels, ownMetadata } from './metadata.ts'

/** Nodes may be drained, one controller at a time. */
export function renderBudget(names: ClusterNames): ClusterObject {
  return {
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: ownMetadata(names, names.controller),
    spec: { maxUnavailable: 1, selector: { matchLabels: controllerLabels(names) } },
  }
}

export function renderAutoscaler(
  names: ClusterNames,
  { minReplicas, maxReplicas, cpuPercent }: Scaling,
): ClusterObject {
  const target = { type: 'Utilization', averageUtilization: cpuPercent }
  return {
    apiVersion: 'autoscaling/v2',
    kind: 'HorizontalPodAutoscaler',
    metadata: ownMetadata(names, names.controller),
    spec: {
      minReplicas,
      maxReplicas,
      scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: names.controller },
      metrics: [{ type: 'Resource', resource: { name: 'cpu', target } }],
    },
  }
}
