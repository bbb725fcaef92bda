import { isPlainMap } from '../documents/plain-map.ts'

/** One step from an object to another (RFC 6902 §4). */
export interface PatchStep {
  readonly op: 'add' | 'remove' | 'replace'
  readonly path: string
  readonly value?: unknown
}

/** The steps from one value to another: maps key by key, lists whole; none when they are alike. */
export function jsonPatch(before: unknown, after: unknown, path = ''): readonly PatchStep[] {
  if (!isPlainMap(before) || !isPlainMap(after)) {
    return isAlike(before, after) ? [] : [{ op: 'replace', path, value: after }]
  }
  const gone = Object.keys(before).filter((key) => !Object.hasOwn(after, key))
  return [
    ...gone.map((key): PatchStep => ({ op: 'remove', path: `${path}/${escapeKey(key)}` })),
    ...Object.entries(after).flatMap(([key, value]): readonly PatchStep[] => {
      const inner = `${path}/${escapeKey(key)}`
      if (Object.hasOwn(before, key)) return jsonPatch(before[key], value, inner)
      return [{ op: 'add', path: inner, value }]
    }),
  ]
}

function isAlike(a: unknown, b: unknown): boolean {
  if (Array.isArray(a) && Array.isArray(b)) {
    return a.length === b.length && a.every((item, at) => isAlike(item, b[at]))
  }
  if (!isPlainMap(a) || !isPlainMap(b)) return a === b
  const keys = Object.keys(a)
  if (keys.length !== Object.keys(b).length) return false
  return keys.every((key) => Object.hasOwn(b, key) && isAlike(a[key], b[key]))
}

/** RFC 6901 §3. */
function escapeKey(key: string): string {
  return key.replaceAll('~', '~0').replaceAll('/', '~1')
}
