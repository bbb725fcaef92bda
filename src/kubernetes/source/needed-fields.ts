import { isPlainMap, type PlainMap } from '../../documents/plain-map.ts'
import { importLabels, sliceServiceLabel } from '../../translate/kubernetes/endpoint-slice.ts'

/**
 * The object without what nobody needs, such as `managedFields`, and with the `kind` and `apiVersion`
 * that lists leave out.
 */
export function neededFields(raw: PlainMap, { kind, apiVersion }: Typed): PlainMap {
  const { metadata } = raw
  if (!isPlainMap(metadata)) return { ...raw, kind, apiVersion }
  const { name, namespace, creationTimestamp, deletionTimestamp } = metadata
  const labels = pick(metadata['labels'], labelsOf[kind] ?? all)
  const annotations = pick(metadata['annotations'], annotationsOf[kind] ?? isRead)
  return {
    ...raw,
    kind,
    apiVersion,
    metadata: { name, namespace, creationTimestamp, deletionTimestamp, labels, annotations },
  }
}

interface Typed {
  readonly kind: string
  readonly apiVersion: string
}

type Wanted = (key: string) => boolean

const all: Wanted = () => true
const none: Wanted = () => false

/** Of the parties that we take orders from. */
const isRead: Wanted = (key) =>
  /^(?:[a-z0-9-]+\.)*(?:istio\.io|meshdns\.io)\//.test(key) || key === 'istio-locality'

const sliceLabels: readonly string[] = [sliceServiceLabel, ...Object.values(importLabels)]

/** Labels of what nobody selects. */
const labelsOf: Readonly<Record<string, Wanted>> = {
  Service: isRead,
  EndpointSlice: (key) => sliceLabels.includes(key),
  Node: (key) => key.startsWith('topology.'),
  Namespace: isRead,
}

const annotationsOf: Readonly<Record<string, Wanted>> = {
  EndpointSlice: none,
  Pod: none,
  Node: none,
}

/** As it is when it is no map: whoever reads it says what is wrong with it. */
function pick(given: unknown, isWanted: Wanted): unknown {
  if (!isPlainMap(given)) return given
  return Object.fromEntries(Object.entries(given).filter(([key]) => isWanted(key)))
}
