import { textsOf } from '../config/proxy-config.ts'
import { isPlainMap, type PlainMap } from '../documents/plain-map.ts'

/** A pod, or the template of one, as it came: plain values that nobody has checked. */
export type Pod = PlainMap

/** What stands in a pod's `spec` and has a name: a container, a volume. */
export type Named = PlainMap & { readonly name: string }

export function mapOf(value: unknown, key: string): PlainMap {
  const inner = isPlainMap(value) ? value[key] : undefined
  return isPlainMap(inner) ? inner : {}
}

export function textOf(value: unknown, key: string): string {
  const inner = isPlainMap(value) ? value[key] : undefined
  return typeof inner === 'string' ? inner : ''
}

export function annotationsOf(pod: Pod): ReadonlyMap<string, string> {
  return textsOf(mapOf(mapOf(pod, 'metadata'), 'annotations'))
}

export function labelsOf(pod: Pod): ReadonlyMap<string, string> {
  return textsOf(mapOf(mapOf(pod, 'metadata'), 'labels'))
}

export function specOf(pod: Pod): PlainMap {
  return mapOf(pod, 'spec')
}

/** The named things of a list of the pod's `spec`; what has no name is left to the API server to refuse. */
export function listOf(pod: Pod, key: PodList): readonly Named[] {
  const list = specOf(pod)[key]
  const isNamed = (one: unknown): one is Named => isPlainMap(one) && typeof one['name'] === 'string'
  return Array.isArray(list) ? list.filter(isNamed) : []
}

export type PodList = 'containers' | 'initContainers' | 'volumes' | 'imagePullSecrets'

/** The pod with this in place of what `spec` and `metadata.annotations` had; `undefined` takes out. */
export function withParts(
  pod: Pod,
  {
    spec = {},
    annotations = {},
  }: {
    readonly spec?: PlainMap
    readonly annotations?: Readonly<Record<string, string | undefined>>
  },
): Pod {
  const metadata = mapOf(pod, 'metadata')
  const told = compact({ ...mapOf(metadata, 'annotations'), ...annotations })
  const kept = Object.keys(told).length > 0 ? told : undefined
  return {
    ...pod,
    metadata: compact({ ...metadata, annotations: kept }),
    spec: compact({ ...specOf(pod), ...spec }),
  }
}

/** Without what is undefined, so that it is as if read from JSON. */
export function compact(map: PlainMap): PlainMap {
  return Object.fromEntries(Object.entries(map).filter(([, value]) => value !== undefined))
}
