import { isPlainMap, mapAt, type PlainMap, textsOf } from '../documents/plain-map.ts'

/** A pod, or the template of one, as it came: plain values that nobody has checked. */
export type Pod = PlainMap

/** What stands in a pod's `spec` and has a name: a container, a volume. */
export type Named = PlainMap & { readonly name: string }

export function annotationsOf(pod: Pod): ReadonlyMap<string, string> {
  return textsIn(pod, 'annotations')
}

export function labelsOf(pod: Pod): ReadonlyMap<string, string> {
  return textsIn(pod, 'labels')
}

function textsIn(pod: Pod, key: 'annotations' | 'labels'): ReadonlyMap<string, string> {
  return new Map(Object.entries(textsOf(mapAt(pod, 'metadata')[key])))
}

export function specOf(pod: Pod): PlainMap {
  return mapAt(pod, 'spec')
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
  const metadata = mapAt(pod, 'metadata')
  const told = compact({ ...mapAt(metadata, 'annotations'), ...annotations })
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
