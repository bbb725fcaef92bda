import type { Path } from './path.ts'
import { isPlainMap } from './plain-map.ts'

interface Unfolded {
  readonly value: unknown
  /** From the root of the document to the object. */
  readonly path: Path
}

/**
 * The objects of a `List`, or of a typed list such as `ServiceEntryList`; any other value is itself.
 *
 * Items of a typed list may leave out what the list says of them: kind and version.
 */
export function unfoldLists(value: unknown): Unfolded[] {
  if (!isPlainMap(value)) return [{ value, path: [] }]
  const { kind, apiVersion, items } = value
  if (typeof kind !== 'string' || !kind.endsWith('List') || !Array.isArray(items)) {
    return [{ value, path: [] }]
  }
  const inherited = kind === 'List' ? {} : { apiVersion, kind: kind.slice(0, -'List'.length) }
  return items.map((item: unknown, index) => ({
    value: isPlainMap(item) ? { ...inherited, ...item } : item,
    path: ['items', index],
  }))
}
