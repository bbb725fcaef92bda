import { clusterNames } from '../../../config/cluster-object-names.ts'
import type { InstallConfig } from '../../../config/install-config.ts'
import { definitions } from '../definitions/definitions.ts'
import type { ClusterObject, ObjectReference } from '../object.ts'
import { removableNodeAgents } from '../remove/removable.ts'
import { workloadSettings } from '../workload-settings.ts'
import { renderInjectorConfigMap, renderMeshConfigMap } from './config-maps.ts'
import { renderDeployment } from './deployment.ts'
import { renderInjector } from './injector.ts'
import { renderNamespace } from './namespace.ts'
import { renderNodeAgents } from './node-agents.ts'
import { renderNodeRoles } from './node-roles.ts'
import { renderRoles } from './roles.ts'
import { renderAutoscaler, renderBudget } from './scaling.ts'
import { renderService } from './service.ts'
import { renderValidator } from './validator.ts'

/** An installation as objects of a cluster, in the order in which they are applied. */
export interface Manifests {
  /** Namespace, definitions, accounts, configuration, Service. */
  readonly base: readonly ClusterObject[]
  /** The controllers. */
  readonly workload: readonly ClusterObject[]
  /** What makes the API server ask us: when we answer, and not before. */
  readonly webhooks: readonly ClusterObject[]
  /** What is not wanted, but may be there from an installation before. */
  readonly unwanted: readonly ObjectReference[]
}

/** Pure. `version` is that of the image, where nobody says another. */
export function renderManifests(config: InstallConfig, version: string): Manifests {
  const names = clusterNames(config)
  const settings = workloadSettings(config, version)
  const { enabled, nodeAgents, scaling } = settings
  const own = { name: names.controller, namespace: names.namespace }
  const admission = 'admissionregistration.k8s.io/v1'
  const optional: readonly (readonly [ObjectReference, boolean])[] = [
    [
      { apiVersion: admission, kind: 'ValidatingWebhookConfiguration', name: names.validator },
      enabled && config.configValidation,
    ],
    [
      { apiVersion: admission, kind: 'MutatingWebhookConfiguration', name: names.injector },
      enabled,
    ],
    [{ apiVersion: 'apps/v1', kind: 'Deployment', ...own }, enabled],
    ...removableNodeAgents(names).map((reference) => [reference, nodeAgents] as const),
    [{ apiVersion: 'policy/v1', kind: 'PodDisruptionBudget', ...own }, enabled],
    [
      { apiVersion: 'autoscaling/v2', kind: 'HorizontalPodAutoscaler', ...own },
      enabled && scaling !== undefined,
    ],
  ]
  return {
    base: [
      renderNamespace(names),
      ...definitions.values(),
      ...renderRoles(names),
      ...(nodeAgents ? renderNodeRoles(names) : []),
      renderMeshConfigMap(names, config),
      renderInjectorConfigMap(names, config),
      renderService(names, settings),
    ],
    workload: [
      ...(enabled
        ? [
            renderBudget(names),
            renderDeployment({ names, config, settings }),
            ...(scaling ? [renderAutoscaler(names, scaling)] : []),
          ]
        : []),
      ...(nodeAgents ? [renderNodeAgents({ names, config, settings })] : []),
    ],
    webhooks: enabled
      ? [
          ...(config.configValidation ? [renderValidator(names)] : []),
          renderInjector(names, config),
        ]
      : [],
    unwanted: optional.filter(([, isWanted]) => !isWanted).map(([reference]) => reference),
  }
}

/** All of them, in order. */
export function allManifests({ base, workload, webhooks }: Manifests): readonly ClusterObject[] {
  return [...base, ...workload, ...webhooks]
}
