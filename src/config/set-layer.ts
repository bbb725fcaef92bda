import type { ObjectDocument } from '../documents/documents.ts'
import type { Path } from '../documents/path.ts'
import { isPlainMap } from '../documents/plain-map.ts'
import { valueAt } from './layer.ts'
import type { SetExpression } from './set-expression.ts'

/** What findings call the place of an expression. */
export const setName = '--set'

/**
 * An expression as if it were a file of its own, in line `line`.
 *
 * Lists are replaced whole by layers, so that an item is set in a copy of the list `below`.
 * `undefined` when an item is set that would leave a gap.
 */
export function documentOfSet(
  { path, value }: SetExpression,
  { below, line }: { readonly below: unknown; readonly line: number },
): ObjectDocument | undefined {
  const tree = build(path, value, { below, at: [] })
  if (tree === undefined) return undefined
  const place = () => ({ line, column: 1 })
  return {
    file: setName,
    line,
    column: 1,
    value: tree,
    locate: place,
    locateKey: place,
    locateInside: place,
  }
}

interface Building {
  readonly below: unknown
  readonly at: Path
}

function build(path: Path, value: unknown, { below, at }: Building): unknown {
  const [segment, ...rest] = path
  if (segment === undefined) return value
  const inner = build(rest, value, { below, at: [...at, segment] })
  if (inner === undefined) return undefined
  if (typeof segment === 'string') return Object.fromEntries([[segment, inner]])
  const list = valueAt(below, at)
  const items: unknown[] = Array.isArray(list) ? [...list] : []
  if (segment > items.length) return undefined
  items[segment] = merge(items[segment], inner)
  return items
}

/** An item that is a map keeps its other fields. */
function merge(below: unknown, above: unknown): unknown {
  if (!isPlainMap(below) || !isPlainMap(above)) return above
  const keys = new Set([...Object.keys(below), ...Object.keys(above)])
  return Object.fromEntries(
    [...keys].map((key) => {
      const lower = Object.hasOwn(below, key) ? below[key] : undefined
      return [key, Object.hasOwn(above, key) ? merge(lower, above[key]) : lower]
    }),
  )
}
