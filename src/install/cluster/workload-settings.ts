import { type InstallConfig } from '../../config/install-config.ts'
import { valueAt } from '../../config/layer.ts'
import { isPlainMap, mapsAt, type PlainMap, textsOf } from '../../documents/plain-map.ts'

/** How the controller runs in a cluster: what an IstioOperator says of it, checked before. */
export interface WorkloadSettings {
  readonly enabled: boolean
  /** Whether each node has an agent for its pods. */
  readonly nodeAgents: boolean
  /** Variables of these agents, and of what stands beside them. */
  readonly nodeEnv: readonly PlainMap[]
  readonly image: string
  readonly imagePullPolicy: string | undefined
  readonly imagePullSecrets: readonly string[]
  readonly replicas: number
  /** Missing where nobody wants the number to follow the load. */
  readonly scaling: Scaling | undefined
  readonly env: readonly PlainMap[]
  readonly podLabels: Readonly<Record<string, string>>
  readonly podAnnotations: Readonly<Record<string, string>>
  readonly serviceAnnotations: Readonly<Record<string, string>>
  /** Fields of the pod, as they stand there. */
  readonly pod: PlainMap
  readonly resources: PlainMap
  readonly strategy: PlainMap
}

export interface Scaling {
  readonly minReplicas: number
  readonly maxReplicas: number
  /** Of what was requested. */
  readonly cpuPercent: number
}

const defaultResources = { requests: { cpu: '100m', memory: '256Mi' } }

/** New ones first: agents have somewhere to go. */
const defaultStrategy = {
  type: 'RollingUpdate',
  rollingUpdate: { maxSurge: '100%', maxUnavailable: '25%' },
}

/** `components.pilot.k8s` goes over `values.pilot`, as in Istio. */
export function workloadSettings(config: InstallConfig, version: string): WorkloadSettings {
  const { tree } = config.settings
  const get = (path: string) => valueAt(tree, path.split('.'))
  const first = (...paths: readonly string[]) => paths.map(get).find((value) => value !== undefined)
  const own = (name: string) => first(`components.pilot.k8s.${name}`, `values.pilot.${name}`)
  const map = (value: unknown) => (isPlainMap(value) ? value : undefined)
  const pod = {
    nodeSelector: own('nodeSelector'),
    tolerations: own('tolerations'),
    affinity: own('affinity'),
    topologySpreadConstraints: own('topologySpreadConstraints'),
    priorityClassName: first(
      'components.pilot.k8s.priorityClassName',
      'values.global.priorityClassName',
    ),
  }
  return {
    enabled: get('components.pilot.enabled') !== false,
    nodeAgents: get('components.ztunnel.enabled') === true,
    nodeEnv: mapsAt(get('components.ztunnel.k8s'), 'env'),
    image: imageOf(first, version),
    imagePullPolicy: first(
      'components.pilot.k8s.imagePullPolicy',
      'values.global.imagePullPolicy',
    ) as string | undefined,
    imagePullSecrets: (get('values.global.imagePullSecrets') ?? []) as readonly string[],
    replicas: (own('replicaCount') ?? 2) as number,
    scaling: scalingOf(get),
    env: mapsAt(get('components.pilot.k8s'), 'env'),
    podLabels: textsOf(own('podLabels')),
    podAnnotations: textsOf(own('podAnnotations')),
    serviceAnnotations: textsOf(own('serviceAnnotations')),
    pod: Object.fromEntries(Object.entries(pod).filter(([, value]) => value !== undefined)),
    resources: map(own('resources')) ?? defaultResources,
    strategy: map(get('components.pilot.k8s.strategy')) ?? defaultStrategy,
  }
}

type Get = (...paths: readonly string[]) => unknown

/** A name with a slash is the whole reference. */
function imageOf(first: Get, version: string): string {
  const text = (fallback: string, ...paths: readonly string[]) => {
    const value = first(...paths)
    return typeof value === 'string' || typeof value === 'number' ? `${value}` : fallback
  }
  const image = text('meshdns', 'values.pilot.image', 'values.global.proxy.image')
  if (image.includes('/')) return image
  const hub = text('meshdns', 'values.pilot.hub', 'values.global.hub', 'hub')
  const tag = text(version, 'values.pilot.tag', 'values.global.tag', 'tag')
  return `${hub}/${image}:${tag}`
}

function scalingOf(get: (path: string) => unknown): Scaling | undefined {
  const spec = get('components.pilot.k8s.hpaSpec')
  const isWanted = spec !== undefined || get('values.pilot.autoscaleEnabled') === true
  if (!isWanted) return undefined
  const number = (name: string, value: string) => valueAt(spec, [name]) ?? get(value)
  const minReplicas = (number('minReplicas', 'values.pilot.autoscaleMin') ?? 2) as number
  const maxReplicas = (number('maxReplicas', 'values.pilot.autoscaleMax') ?? 5) as number
  const cpuPercent = (get('values.pilot.cpu.targetAverageUtilization') ?? 80) as number
  return { minReplicas, maxReplicas: Math.max(minReplicas, maxReplicas), cpuPercent }
}
