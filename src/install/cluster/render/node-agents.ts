import { controllerAddress } from '../../../config/install-config.ts'
import { valueAt } from '../../../config/layer.ts'
import { defaultClusterId } from '../../../config/mesh-names.ts'
import type { PlainMap } from '../../../documents/plain-map.ts'
import { identityVolumes } from '../../../inject/volumes.ts'
import type { ClusterObject } from '../object.ts'
import type { Rendering } from './deployment.ts'
import { ownMetadata, revisionLabels } from './metadata.ts'
import { oneOfEachName } from './variables.ts'

/** Node agents: one on each node, for its pods that have none of their own. */
export function renderNodeAgents(rendering: Rendering): ClusterObject {
  const { names, settings } = rendering
  const selector = { app: 'meshdns-node', 'istio.io/rev': names.revision }
  return {
    apiVersion: 'apps/v1',
    kind: 'DaemonSet',
    metadata: ownMetadata(names, names.node),
    spec: {
      updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 1 } },
      selector: { matchLabels: selector },
      template: {
        metadata: { labels: { ...revisionLabels(names), ...selector } },
        spec: {
          serviceAccountName: names.node,
          // Networks of pods are found by their processes.
          hostPID: true,
          priorityClassName: 'system-node-critical',
          terminationGracePeriodSeconds: 30,
          tolerations: [{ operator: 'Exists' }],
          nodeSelector: { 'kubernetes.io/os': 'linux' },
          ...(settings.imagePullSecrets.length > 0
            ? { imagePullSecrets: settings.imagePullSecrets.map((name) => ({ name })) }
            : {}),
          securityContext: { seccompProfile: { type: 'RuntimeDefault' } },
          containers: [renderAgent(rendering), renderSocketStore(rendering)],
          volumes,
        },
      },
    },
  }
}

function renderAgent(rendering: Rendering): PlainMap {
  const probe = (path: string, port: number) => ({ httpGet: { path, port } })
  return {
    name: 'agent',
    ...imageOf(rendering),
    args: ['agent', '--node'],
    env: environmentOf(rendering),
    resources: { requests: { cpu: '100m', memory: '128Mi' } },
    terminationMessagePolicy: 'FallbackToLogsOnError',
    // On a starved node its start may take longer than liveness has patience for.
    startupProbe: {
      ...probe('/healthz/live', 15_020),
      periodSeconds: 2,
      timeoutSeconds: 5,
      failureThreshold: 60,
    },
    readinessProbe: { ...probe('/healthz/ready', 15_021), periodSeconds: 3, timeoutSeconds: 5 },
    livenessProbe: { ...probe('/healthz/live', 15_020), periodSeconds: 10, timeoutSeconds: 5 },
    securityContext: {
      runAsUser: 0,
      runAsGroup: 0,
      readOnlyRootFilesystem: true,
      // The usual profile lets nobody look at processes of others.
      appArmorProfile: { type: 'Unconfined' },
      // To set rules; to enter networks of pods; to find them, and their resolv.conf, by their processes.
      capabilities: { drop: ['ALL'], add: ['NET_ADMIN', 'SYS_ADMIN', 'SYS_PTRACE'] },
    },
    volumeMounts: [
      { name: 'state', mountPath: '/var/lib/meshdns' },
      { name: 'run', mountPath: '/run' },
      { name: 'istio-token', mountPath: '/var/run/secrets/tokens', readOnly: true },
      { name: 'istiod-ca-cert', mountPath: '/var/run/secrets/istio', readOnly: true },
    ],
  }
}

/**
 * Outlives the agent beside it, and holds its sockets meanwhile. No init container: when the pod begins there is nothing
 * to take over, and the agent finds it whenever it comes.
 */
function renderSocketStore(rendering: Rendering): PlainMap {
  return {
    name: 'socket-store',
    ...imageOf(rendering),
    args: ['socket-store'],
    env: oneOfEachName([socketStoreFolder, ...rendering.settings.nodeEnv]),
    resources: { requests: { cpu: '10m', memory: '64Mi' } },
    terminationMessagePolicy: 'FallbackToLogsOnError',
    securityContext: {
      runAsUser: 0,
      runAsGroup: 0,
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      // To take rules out of pods that no agent serves any more.
      capabilities: { drop: ['ALL'], add: ['NET_ADMIN'] },
    },
    volumeMounts: [{ name: 'run', mountPath: '/run' }],
  }
}

const socketStoreFolder = { name: 'MESHDNS_NODE_SOCKET_STORE', value: '/run/meshdns/sockets' }

function imageOf({ settings: { image, imagePullPolicy } }: Rendering): PlainMap {
  return { image, ...(imagePullPolicy === undefined ? {} : { imagePullPolicy }) }
}

const volumes: readonly PlainMap[] = [
  // In memory: the agent's key is in it, and no disk shall have that. It outlives the container, not the pod.
  { name: 'state', emptyDir: { medium: 'Memory' } },
  // Where agent and socket store meet; and for the lock of iptables.
  { name: 'run', emptyDir: { medium: 'Memory' } },
  ...identityVolumes,
]

function environmentOf({ config, settings }: Rendering): readonly PlainMap[] {
  const { tree } = config.settings
  const text = (...path: readonly string[]) => {
    const value = valueAt(tree, path)
    return typeof value === 'string' ? value : undefined
  }
  const field = (name: string, fieldPath: string) => ({
    name,
    valueFrom: { fieldRef: { fieldPath } },
  })
  const discoveryAddress = controllerAddress(config)
  const said: Readonly<Record<string, string | undefined>> = {
    CA_ADDR: text('values', 'global', 'caAddress') || discoveryAddress,
    PROXY_CONFIG: JSON.stringify({ discoveryAddress }),
    TRUST_DOMAIN: text('meshConfig', 'trustDomain'),
    ISTIO_META_CLUSTER_ID: config.clusterName || defaultClusterId,
    MESHDNS_CONTROLLER_FIRST_TABLE_MS: '30000',
    MESHDNS_IDENTITY_ROOTS_FILE: '/var/run/secrets/istio/root-cert.pem',
    MESHDNS_ADMIN_ADDRESS: '*:15020',
    MESHDNS_ADMIN_READINESS_ADDRESS: '*:15021',
    MESHDNS_ROOT_NAMESPACE: text('meshConfig', 'rootNamespace'),
    MESHDNS_CLUSTER_DOMAIN: text('values', 'global', 'proxy', 'clusterDomain'),
  }
  return oneOfEachName([
    field('NODE_NAME', 'spec.nodeName'),
    field('POD_NAME', 'metadata.name'),
    field('POD_NAMESPACE', 'metadata.namespace'),
    field('INSTANCE_IP', 'status.podIP'),
    field('SERVICE_ACCOUNT', 'spec.serviceAccountName'),
    socketStoreFolder,
    ...Object.entries(said).flatMap(([name, value]) => (value ? [{ name, value }] : [])),
    ...settings.nodeEnv,
  ])
}
