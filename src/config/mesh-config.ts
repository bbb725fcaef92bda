import { z } from 'zod'
import { isPlainMap, type PlainMap } from '../documents/plain-map.ts'
import { checkShape } from '../documents/shape.ts'
import { type Layer, narrowLayer, valueAt } from './layer.ts'
import { addUnused, type Checking, messageShape } from './message.ts'
import {
  checkProxyConfig,
  isReplacedWhole,
  type ProxyConfig,
  proxyConfigDefaults,
  toProxyConfig,
} from './proxy-config.ts'
import { mergeLayers, type Settings } from './settings.ts'

/** What holds for the whole mesh (Istio: MeshConfig), as far as we act on it. Immutable. */
export interface MeshConfig {
  /** What it was made of, the lowest first; each holds a MeshConfig. */
  readonly layers: readonly Layer[]
  /** Everything that was said, with its places. */
  readonly settings: Settings
  readonly defaultConfig: ProxyConfig
  /** For objects that do not say who sees them. */
  readonly defaultServiceExportTo: readonly string[]
  /** Namespace whose objects hold for all others. */
  readonly rootNamespace: string
  readonly trustDomain: string
  readonly trustDomainAliases: readonly string[]
  readonly outboundTrafficPolicy: 'ALLOW_ANY' | 'REGISTRY_ONLY'
  readonly minProtocolVersion: 'TLSv1.2' | 'TLSv1.3'
}

const texts = z.array(z.string()).nullish()

const mesh = messageShape(
  {
    defaultConfig: z.looseObject({}).nullish(),
    defaultServiceExportTo: texts,
    rootNamespace: z.string().nullish(),
    trustDomain: z.string().nullish(),
    trustDomainAliases: texts,
    outboundTrafficPolicy: z.looseObject({}).nullish(),
    meshMTLS: z.looseObject({}).nullish(),
  },
  [
    'accessLogEncoding',
    'accessLogFile',
    'accessLogFormat',
    'ca',
    'caCertificates',
    'certificates',
    'configSources',
    'connectTimeout',
    'defaultDestinationRuleExportTo',
    'defaultHttpRetryPolicy',
    'defaultProviders',
    'defaultVirtualServiceExportTo',
    'disableEnvoyListenerLog',
    'discoverySelectors',
    'dnsRefreshRate',
    'enableAutoMtls',
    'enableEnvoyAccessLogService',
    'enablePrometheusMerge',
    'enableTracing',
    'extensionProviders',
    'h2UpgradePolicy',
    'inboundClusterStatName',
    'inboundTrafficPolicy',
    'ingressClass',
    'ingressControllerMode',
    'ingressSelector',
    'ingressService',
    'localityLbSetting',
    'outboundClusterStatName',
    'pathNormalization',
    'proxyHttpPort',
    'proxyInboundListenPort',
    'proxyListenPort',
    'serviceScopeConfigs',
    'serviceSettings',
    'tcpKeepalive',
    'thriftConfig',
    'tlsDefaults',
    'verifyCertificateAtClient',
  ],
)

const policy = messageShape({ mode: z.enum(['ALLOW_ANY', 'REGISTRY_ONLY']).nullish() }, [
  'egressProxy',
])

const tls = messageShape(
  { minProtocolVersion: z.enum(['TLS_AUTO', 'TLSV1_2', 'TLSV1_3']).nullish() },
  ['cipherSuites', 'ecdhCurves'],
)

/** What Istio assumes when nobody says anything. */
export const meshConfigDefaults = {
  defaultConfig: proxyConfigDefaults,
  defaultServiceExportTo: ['*'],
  rootNamespace: 'istio-system',
  trustDomain: 'cluster.local',
  outboundTrafficPolicy: { mode: 'ALLOW_ANY' },
  meshMTLS: { minProtocolVersion: 'TLSV1_2' },
} as const

/** Says what is wrong with a MeshConfig, field by field. */
export function checkMeshConfig(value: unknown, checking: Checking): void {
  const { report, path } = checking
  if (!checkShape(mesh.shape, value, { report, path })) return
  addUnused(value, mesh.others, checking)
  const { defaultConfig, outboundTrafficPolicy, meshMTLS } = value as PlainMap
  const inner = (name: string) => ({ ...checking, path: [...path, name] })
  if (isPlainMap(defaultConfig)) checkProxyConfig(defaultConfig, inner('defaultConfig'))
  for (const { part, name, of } of [
    { part: outboundTrafficPolicy, name: 'outboundTrafficPolicy', of: policy },
    { part: meshMTLS, name: 'meshMTLS', of: tls },
  ]) {
    if (!isPlainMap(part)) continue
    checkShape(of.shape, part, inner(name))
    addUnused(part, of.others, inner(name))
  }
}

/** Puts checked layers together, the lowest first: that of the defaults. */
export function mergeMeshConfig(layers: readonly Layer[]): MeshConfig {
  const settings = mergeLayers(
    layers,
    ([first, ...rest]) => first === 'defaultConfig' && isReplacedWhole(rest),
  )
  const tree = settings.tree as PlainMap
  const { rootNamespace, trustDomain, outboundTrafficPolicy, meshMTLS } = tree
  const { mode } = (outboundTrafficPolicy ?? {}) as PlainMap
  const { minProtocolVersion } = (meshMTLS ?? {}) as PlainMap
  const exportTo = listOf(tree['defaultServiceExportTo'])
  return {
    layers,
    settings,
    defaultConfig: toProxyConfig(tree['defaultConfig']),
    defaultServiceExportTo: exportTo.length > 0 ? exportTo : ['*'],
    rootNamespace: textOf(rootNamespace, meshConfigDefaults.rootNamespace),
    trustDomain: textOf(trustDomain, meshConfigDefaults.trustDomain),
    trustDomainAliases: listOf(tree['trustDomainAliases']),
    outboundTrafficPolicy: mode === 'REGISTRY_ONLY' ? mode : 'ALLOW_ANY',
    minProtocolVersion: minProtocolVersion === 'TLSV1_3' ? 'TLSv1.3' : 'TLSv1.2',
  }
}

/** What somebody said a setting of the mesh is; `undefined` when only its default holds. */
export function saidOfMesh({ layers }: MeshConfig, name: string): unknown {
  const said = layers.filter(({ level }) => level !== 'built-in')
  return said.map(({ value }) => valueAt(value, [name])).findLast((value) => value !== undefined)
}

/** The layers of what it says about proxies. */
export function proxyLayers({ layers }: MeshConfig): readonly Layer[] {
  return layers.map((layer) => narrowLayer(layer, ['defaultConfig']))
}

function textOf(value: unknown, fallback: string): string {
  return typeof value === 'string' && value !== '' ? value : fallback
}

function listOf(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((one) => typeof one === 'string') : []
}
