import { rootKey } from '../config/cluster-object-names.ts'
import type { EffectiveProxyConfig } from '../config/effective-proxy-config.ts'
import { controllerAddress } from '../config/install-config.ts'
import { isOfTheLoader } from '../config/loader-variable.ts'
import { defaultClusterId } from '../config/mesh-names.ts'
import type { PlainMap } from '../documents/plain-map.ts'
import type { InjectionMesh } from './injection-mesh.ts'
import { annotationsOf, labelsOf, type Pod } from './pod-parts.ts'
import { lostController } from './pod-servers.ts'
import { rootsFolder } from './volumes.ts'
import { ownerUrl, type Workload } from './workload-of-pod.ts'

/** A pod that gets an agent, and what was found to hold for it. */
export interface Injection {
  readonly pod: Pod
  readonly namespace: string
  readonly mesh: InjectionMesh
  readonly workload: Workload
  readonly effective: EffectiveProxyConfig
  /** Whether its questions and connections are caught. */
  readonly captured: boolean
  /** Whether the agent is a native sidecar. */
  readonly native: boolean
}

/** One variable of a container (Kubernetes: EnvVar). */
export type Variable = PlainMap & { readonly name: string }

/** From what the pod is, by the downward API. */
const fields = {
  POD_NAME: 'metadata.name',
  POD_NAMESPACE: 'metadata.namespace',
  INSTANCE_IP: 'status.podIP',
  INSTANCE_IPS: 'status.podIPs',
  SERVICE_ACCOUNT: 'spec.serviceAccountName',
  HOST_IP: 'status.hostIP',
  ISTIO_META_NODE_NAME: 'spec.nodeName',
} as const

/**
 * Each pod pays for its agent. Young objects get the room, in MiB, that V8 leaves them in the end even where they may have
 * more, but that from the start; and all threads take memory from one heap of the C library.
 */
export const agentRuntime = {
  NODE_OPTIONS: '--max-semi-space-size=2',
  MALLOC_ARENA_MAX: '1',
} as const

/**
 * What the agent of a pod is told: who it is, where its controller is, and all of proxyMetadata.
 *
 * proxyMetadata goes over what is made up here, but not over what the pod is.
 */
export function agentEnvironment(injection: Injection): readonly Variable[] {
  const metadata = metadataVariables(injection)
  const own = { ...agentRuntime, ...identityOf(injection), ...settingsOf(injection) }
  const free = Object.entries(own).filter(([name]) => !metadata.has(name))
  return [
    ...Object.entries(fields).map(([name, fieldPath]) => ({
      name,
      valueFrom: { fieldRef: { fieldPath } },
    })),
    ...free.map(([name, value]) => ({ name, value })),
    ...[...metadata].map(([name, value]) => ({ name, value })),
  ]
}

/** Variables of proxyMetadata, in order, as both containers have them. */
export function metadataVariables({ effective }: Injection): ReadonlyMap<string, string> {
  const entries = [...effective.config.proxyMetadata].filter(
    ([name]) => !Object.hasOwn(fields, name),
  )
  return new Map(entries.sort(([a], [b]) => (a < b ? -1 : 1)))
}

/** What of proxyMetadata cannot become a variable, or must not. */
export function metadataFaults({ config }: EffectiveProxyConfig): readonly string[] {
  return [...config.proxyMetadata].flatMap(([name, value]) => {
    const about = `proxyMetadata ${JSON.stringify(name)}`
    if (!/^[-._a-zA-Z][-._a-zA-Z0-9]*$/.test(name)) return `${about} is no name of a variable`
    if (isOfTheLoader(name)) return `${about} says which code runs, not what that does`
    return value.includes('\0') ? `${about} holds a NUL` : []
  })
}

/** HOST:PORT of the controller that a pod is told of. */
export function discoveryAddressOf({
  effective,
  mesh,
}: Pick<Injection, 'effective' | 'mesh'>): string {
  const { list } = effective.settings
  const said = list.find(({ path }) => path.join('.') === 'discoveryAddress')
  const isSaid = said !== undefined && said.origin.layer.level !== 'built-in'
  return isSaid ? effective.config.discoveryAddress : controllerAddress(mesh)
}

function identityOf(injection: Injection): Readonly<Record<string, string>> {
  const { pod, namespace, mesh, workload } = injection
  const { global } = mesh.values
  const { trustDomain } = mesh.mesh
  const address = discoveryAddressOf(injection)
  const network = labelsOf(pod).get('topology.istio.io/network') ?? global?.network ?? ''
  return {
    CA_ADDR: global?.caAddress || address,
    PROXY_CONFIG: JSON.stringify({
      discoveryAddress: address,
      ...saidOf(injection, 'terminationDrainDuration'),
    }),
    TRUST_DOMAIN: trustDomain,
    ISTIO_META_CLUSTER_ID: global?.multiCluster?.clusterName || defaultClusterId,
    ISTIO_META_MESH_ID: global?.meshID || trustDomain,
    ...(network === '' ? {} : { ISTIO_META_NETWORK: network }),
    ISTIO_META_WORKLOAD_NAME: workload.name,
    ISTIO_META_OWNER: ownerUrl(workload, namespace),
  }
}

/** What somebody said of a field; nothing when only its default holds. */
function saidOf({ effective }: Injection, field: string): Readonly<Record<string, unknown>> {
  const setting = effective.settings.list.find(({ path }) => path.join('.') === field)
  if (!setting || setting.origin.layer.level === 'built-in') return {}
  return { [field]: setting.value }
}

/** Options of ours: what is other in a pod than on a machine. */
function settingsOf(injection: Injection): Readonly<Record<string, string>> {
  const { captured, native, pod, mesh, effective } = injection
  const { clusterDomain, logLevel } = mesh.values.global?.proxy ?? {}
  const level = levelOf(annotationsOf(pod).get('sidecar.istio.io/logLevel') ?? logLevel ?? '')
  const { hostsFile } = lostController(pod, discoveryAddressOf(injection), mesh.namespace) ?? {}
  const { terminationDrainDurationMs, statusPort } = effective.config
  return {
    MESHDNS_IDENTITY_ROOTS_FILE: `${rootsFolder}/${rootKey}`,
    ...(hostsFile === undefined ? {} : { MESHDNS_CONTROLLER_HOSTS_FILE: hostsFile }),
    MESHDNS_ADMIN_ADDRESS: `*:${statusPort || 15_020}`,
    MESHDNS_ADMIN_READINESS_ADDRESS: '*:15021',
    ...(captured
      ? {
          MESHDNS_CAPTURE_RULES: 'given',
          // The application shall not start without the names of the mesh; nor wait for ever.
          MESHDNS_CONTROLLER_FIRST_TABLE_MS: '30000',
        }
      : {}),
    // A native sidecar is stopped after all that it serves.
    ...(captured && !native
      ? { MESHDNS_CAPTURE_LINGER_MS: String(terminationDrainDurationMs) }
      : {}),
    ...(mesh.mesh.outboundTrafficPolicy === 'REGISTRY_ONLY'
      ? { MESHDNS_RELAY_UNKNOWN_DESTINATION: 'REGISTRY_ONLY' }
      : {}),
    ...(clusterDomain && clusterDomain !== 'cluster.local'
      ? { MESHDNS_CLUSTER_DOMAIN: clusterDomain }
      : {}),
    ...(level === undefined ? {} : { MESHDNS_LOG_LEVEL: level }),
  }
}

/** Istio's names of levels, and `SCOPE:LEVEL` lists, of which the one for all counts. */
function levelOf(text: string): string | undefined {
  const [level = ''] = text.split(',').filter((part) => !part.includes(':'))
  const levels: Readonly<Record<string, string>> = {
    trace: 'debug',
    debug: 'debug',
    info: 'info',
    warning: 'warn',
    warn: 'warn',
    error: 'error',
    critical: 'error',
    off: 'error',
  }
  return levels[level]
}
