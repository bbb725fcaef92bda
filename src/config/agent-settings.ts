import type { Finding } from '../documents/finding.ts'
import type { EffectiveProxyConfig } from './effective-proxy-config.ts'
import type { Layer } from './layer.ts'
import { type MeshConfig, proxyLayers } from './mesh-config.ts'
import { parsePodAnnotations } from './pod-annotations.ts'
import { proxyAnnotation, readProxyText } from './proxy-annotation.ts'
import { isReplacedWhole, toProxyConfig } from './proxy-config.ts'
import { defaultMeshConfig, readMeshConfig } from './read-mesh-config.ts'
import { mergeLayers, type Origin, type Setting } from './settings.ts'

/** Variables by name; an empty one counts as one that is not set. */
export type Environment = Readonly<Record<string, string | undefined>>

export interface NamedText {
  readonly file: string
  readonly text: string
}

/** Where an agent is told about itself. */
export interface AgentTexts {
  /** A MeshConfig. */
  readonly mesh?: NamedText
  /** What Kubernetes writes of the pod's annotations. */
  readonly annotations?: NamedText
  readonly env: Environment
}

export interface AgentSettings extends EffectiveProxyConfig {
  readonly mesh: MeshConfig
  /** The environment with what the settings put into it. */
  readonly env: Environment
  /** Of variables that the settings put there: where they were written. */
  readonly origins: ReadonlyMap<string, Origin>
}

export interface AgentSettingsRead {
  /** Missing when there was an error. */
  readonly settings?: AgentSettings
  readonly findings: readonly Finding[]
}

/**
 * What an agent is told: defaults, the file of its mesh, the variable `PROXY_CONFIG`, the annotation of its pod.
 *
 * What all of these say becomes environment; a variable that is set there already wins. Never throws.
 */
export function readAgentSettings({ mesh, annotations, env }: AgentTexts): AgentSettingsRead {
  const { mesh: meshConfig = defaultMeshConfig, findings: meshFindings } = mesh
    ? readMeshConfig(mesh.text, mesh.file)
    : { findings: [] }
  const reads = [readVariable(env), readAnnotation(annotations)]
  const findings = [...meshFindings, ...reads.flatMap((read) => read.findings)]
  if (findings.some(({ severity }) => severity === 'error')) return { findings }
  const layers: readonly Layer[] = [
    ...proxyLayers(meshConfig),
    ...reads.flatMap(({ layer }) => layer ?? []),
  ]
  const settings = mergeLayers(layers, isReplacedWhole)
  const effective = { config: toProxyConfig(settings.tree), settings }
  const told = { ...effective, ...environmentOf(effective, env) }
  return { settings: { ...told, mesh: meshConfig }, findings }
}

function readVariable(env: Environment) {
  const name = 'PROXY_CONFIG'
  const text = env[name]
  return text ? readProxyText(text, { level: 'environment', file: name }) : { findings: [] }
}

function readAnnotation(annotations: NamedText | undefined) {
  const found = parsePodAnnotations(annotations?.text ?? '').get(proxyAnnotation)
  if (!found || !annotations) return { findings: [] }
  const file = `${annotations.file}:${found.line} ${proxyAnnotation}`
  return readProxyText(found.value, { level: 'annotation', file })
}

/** Variables of ours that settings become besides those of `proxyMetadata`. */
function environmentOf({ config, settings }: EffectiveProxyConfig, env: Environment) {
  const given = Object.entries(env).filter(([, value]) => value !== undefined && value !== '')
  const isGiven = new Set(given.map(([name]) => name))
  const told: Record<string, string> = {}
  const origins = new Map<string, Origin>()
  const tell = (name: string, value: string, setting: Setting) => {
    if (isGiven.has(name) || value === '') return
    told[name] = value
    origins.set(name, setting.origin)
  }
  for (const setting of settings.list) {
    const [first, second] = setting.path
    if (setting.origin.layer.level === 'built-in') continue
    if (first === 'proxyMetadata') {
      const name = String(second)
      tell(name, config.proxyMetadata.get(name) ?? '', setting)
    } else if (first === 'discoveryAddress') {
      tell('PILOT_ADDRESS', config.discoveryAddress, setting)
    } else if (first === 'terminationDrainDuration') {
      const seconds = config.terminationDrainDurationMs / 1_000
      tell('TERMINATION_DRAIN_DURATION_SECONDS', String(seconds), setting)
    }
  }
  const all = { ...told, ...Object.fromEntries(given) }
  return { env: { ...all, ...startNames(all) }, origins }
}

/** What Istio's start script makes of the file of a machine, `cluster.env`. */
function startNames(env: Environment): Environment {
  const { ISTIO_NAMESPACE: namespace, ISTIO_SVC_IP: address } = env
  return {
    ...(env['POD_NAMESPACE'] || !namespace ? {} : { POD_NAMESPACE: namespace }),
    ...(env['INSTANCE_IP'] || !address ? {} : { INSTANCE_IP: address }),
  }
}
