import { isPlainMap, type PlainMap } from '../documents/plain-map.ts'
import type { Named } from './pod-parts.ts'

/** By what the items of a list are known (Kubernetes: strategic merge). */
const keyOfList: Readonly<Record<string, string>> = {
  env: 'name',
  ports: 'containerPort',
  volumeMounts: 'mountPath',
}

/**
 * Our container with what its pod's author wants otherwise, if anything, key by key (Istio: customizing injection).
 *
 * Lists of things with a name are put together, other lists replaced. The image `auto` says nothing.
 */
export function overlayContainer(ours: Named, theirs: PlainMap = {}): Named {
  const { image, ...rest } = theirs
  const wanted = image === 'auto' || image === undefined ? rest : theirs
  return { ...overlay(ours, wanted), name: ours.name }
}

function overlay(below: PlainMap, above: PlainMap): PlainMap {
  const merged: Record<string, unknown> = { ...below }
  for (const [key, value] of Object.entries(above)) {
    const held = merged[key]
    const name = keyOfList[key]
    if (isPlainMap(held) && isPlainMap(value)) merged[key] = overlay(held, value)
    else if (name !== undefined && Array.isArray(held) && Array.isArray(value)) {
      merged[key] = overlayList(held, value, name)
    } else merged[key] = value
  }
  return merged
}

function overlayList(
  below: readonly unknown[],
  above: readonly unknown[],
  name: string,
): unknown[] {
  const keyOf = (item: unknown) => (isPlainMap(item) ? item[name] : undefined)
  const taken = new Set(above.map(keyOf))
  return [...below.filter((item) => !taken.has(keyOf(item))), ...above]
}
