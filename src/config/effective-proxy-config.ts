import type { Layer } from './layer.ts'
import { type MeshConfig, proxyLayers } from './mesh-config.ts'
import { isReplacedWhole, type ProxyConfig, toProxyConfig } from './proxy-config.ts'
import { oldestOf, type ProxyResource } from './proxy-resource.ts'
import { mergeLayers, type Settings } from './settings.ts'

/** Whose settings are asked for. */
export interface ProxyWorkload {
  readonly namespace: string
  readonly labels: ReadonlyMap<string, string>
  /** What its annotations `proxy.istio.io/config` say, the lowest first; mostly one or none. */
  readonly annotations: readonly Layer[]
}

export interface EffectiveProxyConfig {
  readonly config: ProxyConfig
  readonly settings: Settings
}

/**
 * The settings of one proxy, in Istio's order: defaults, mesh, root namespace, namespace, annotation, selector.
 *
 * At each level the oldest object counts. In the root namespace the third and the fourth level are
 * the same. An object with an empty selector is for nobody.
 */
export function effectiveProxyConfig(
  mesh: MeshConfig,
  resources: readonly ProxyResource[],
  { namespace, labels, annotations }: ProxyWorkload,
): EffectiveProxyConfig {
  const own = resources.filter((resource) => resource.namespace === namespace)
  const root = resources.filter((resource) => resource.namespace === mesh.rootNamespace)
  const levels = [
    namespace === mesh.rootNamespace ? undefined : oldestOf(root.filter(isForAll)),
    oldestOf(own.filter(isForAll)),
  ]
  const selecting = oldestOf(own.filter(({ selector }) => matches(selector, labels)))
  const layers = [
    ...proxyLayers(mesh),
    ...levels.flatMap((resource) => resource?.layer ?? []),
    ...annotations,
    ...(selecting ? [selecting.layer] : []),
  ]
  const settings = mergeLayers(layers, isReplacedWhole)
  return { config: toProxyConfig(settings.tree), settings }
}

function isForAll({ selector }: ProxyResource): boolean {
  return selector === undefined
}

function matches(
  selector: ProxyResource['selector'],
  labels: ReadonlyMap<string, string>,
): boolean {
  if (selector === undefined || selector.size === 0) return false
  return [...selector].every(([key, value]) => labels.get(key) === value)
}
