import { isDeepStrictEqual } from 'node:util'
import { isPlainMap } from './plain-map.ts'

/** One step from an object to another (RFC 6902 §4). */
export interface PatchStep {
  readonly op: 'add' | 'remove' | 'replace'
  /** A pointer (RFC 6901). */
  readonly path: string
  readonly value?: unknown
}

/** The steps from one value to another: maps key by key, lists whole; none when they are alike. */
export function jsonPatch(before: unknown, after: unknown, path = ''): readonly PatchStep[] {
  if (!isPlainMap(before) || !isPlainMap(after)) {
    return isDeepStrictEqual(before, after) ? [] : [{ op: 'replace', path, value: after }]
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

/** RFC 6901 §3. */
function escapeKey(key: string): string {
  return key.replaceAll('~', '~0').replaceAll('/', '~1')
}
