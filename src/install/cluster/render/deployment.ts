import type { ClusterNames } from '../../../config/cluster-object-names.ts'
import type { InstallConfig } from '../../../config/install-config.ts'
import type { PlainMap } from '../../../documents/plain-map.ts'
import type { ClusterObject } from '../object.ts'
import type { WorkloadSettings } from '../workload-settings.ts'
import { controllerEnvironment } from './controller-environment.ts'
import { controllerLabels, ownMetadata, revisionLabels } from './metadata.ts'
import { controllerPorts } from './service.ts'

export interface Rendering {
  readonly names: ClusterNames
  readonly config: InstallConfig
  readonly settings: WorkloadSettings
}

/** The controllers: any number of replicas, of which one leads. */
export function renderDeployment(rendering: Rendering): ClusterObject {
  const { names, settings } = rendering
  const { replicas, scaling, strategy, podLabels, podAnnotations } = settings
  const labels = { ...podLabels, ...revisionLabels(names), ...controllerLabels(names) }
  const hasAnnotations = Object.keys(podAnnotations).length > 0
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: ownMetadata(names, names.controller),
    spec: {
      // What scales it writes the number.
      ...(scaling ? {} : { replicas }),
      strategy,
      selector: { matchLabels: controllerLabels(names) },
      template: {
        metadata: { labels, ...(hasAnnotations ? { annotations: podAnnotations } : {}) },
        spec: renderPod(rendering),
      },
    },
  }
}

function renderPod(rendering: Rendering): PlainMap {
  const { names, settings } = rendering
  const { imagePullSecrets } = settings
  return {
    serviceAccountName: names.controller,
    terminationGracePeriodSeconds: 30,
    ...(imagePullSecrets.length > 0
      ? { imagePullSecrets: imagePullSecrets.map((name) => ({ name })) }
      : {}),
    securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
    ...spreading(names),
    ...settings.pod,
    containers: [renderContainer(rendering)],
  }
}

/** Apart from each other where there is room; alone rather than not at all. */
function spreading(names: ClusterNames): PlainMap {
  const labelSelector = { matchLabels: controllerLabels(names) }
  const podAffinityTerm = { topologyKey: 'kubernetes.io/hostname', labelSelector }
  return {
    affinity: {
      podAntiAffinity: {
        preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 100, podAffinityTerm }],
      },
    },
    topologySpreadConstraints: [
      {
        maxSkew: 1,
        topologyKey: 'topology.kubernetes.io/zone',
        whenUnsatisfiable: 'ScheduleAnyway',
        labelSelector,
      },
    ],
  }
}

function renderContainer(rendering: Rendering): PlainMap {
  const { settings } = rendering
  const { image, imagePullPolicy, resources } = settings
  const probe = (path: string) => ({ httpGet: { path, port: controllerPorts.pages } })
  const port = (name: string, containerPort: number) => ({ name, containerPort, protocol: 'TCP' })
  return {
    name: 'controller',
    image,
    ...(imagePullPolicy === undefined ? {} : { imagePullPolicy }),
    args: ['controller', '--kubernetes', '--admin-address', '*:15014'],
    env: controllerEnvironment(rendering),
    ports: [
      port('https-dns', controllerPorts.discovery),
      port('https-webhook', controllerPorts.webhooks),
      port('http-monitoring', controllerPorts.pages),
    ],
    resources,
    // So that `kubectl describe`, and we, can say why it ended.
    terminationMessagePolicy: 'FallbackToLogsOnError',
    startupProbe: { ...probe('/healthz/live'), periodSeconds: 2, failureThreshold: 60 },
    readinessProbe: { ...probe('/healthz/ready'), periodSeconds: 3, timeoutSeconds: 5 },
    livenessProbe: { ...probe('/healthz/live'), periodSeconds: 10, timeoutSeconds: 5 },
    securityContext: {
      runAsNonRoot: true,
      runAsUser: 1337,
      runAsGroup: 1337,
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    },
  }
}
