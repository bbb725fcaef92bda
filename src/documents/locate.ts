import { type Document, isAlias, isCollection, isMap, isPair, isScalar, isSeq } from 'yaml'
import type { Path } from './path.ts'

/** A place in a file; line and column are counted from 1. */
export interface Position {
  readonly line: number
  readonly column: number
}

/**
 * Offset of what a path leads to: of a plain value itself, of the key where a list or a map follows.
 *
 * Where the path leads nowhere (a field is missing) the innermost thing that exists is meant.
 */
export function offsetOfPath(document: Document.Parsed, path: Path): number {
  let node: unknown = document.contents
  let offset = startOf(node) ?? 0
  for (const segment of path) {
    const step = stepInto(document, node, segment)
    if (!step) break
    offset = step.offset ?? offset
    node = step.node
  }
  return offset
}

/** Offset of a field's name rather than of what it holds. */
export function offsetOfKey(document: Document.Parsed, parent: Path, key: string): number {
  let node: unknown = document.contents
  for (const segment of parent) node = stepInto(document, node, segment)?.node
  const pair = pairOf(document, node, key)
  return startOf(pair?.key) ?? offsetOfPath(document, parent)
}

/** The part of the syntax tree that a path leads to, aliases followed; `undefined` when there is none. */
export function nodeAt(document: Document.Parsed, path: Path): unknown {
  let node: unknown = document.contents
  for (const segment of path) node = stepInto(document, node, segment)?.node
  return resolve(document, node)
}

interface Step {
  readonly node: unknown
  readonly offset: number | undefined
}

function stepInto(
  document: Document.Parsed,
  node: unknown,
  segment: string | number,
): Step | undefined {
  const list = resolve(document, node)
  if (isSeq(list)) {
    const item = list.items[Number(segment)]
    return item === undefined ? undefined : { node: item, offset: startOf(item) }
  }
  const pair = pairOf(document, node, segment)
  if (!pair) return undefined
  const own = isCollection(pair.value) ? undefined : startOf(pair.value)
  return { node: pair.value, offset: own ?? startOf(pair.key) }
}

function pairOf(document: Document.Parsed, node: unknown, key: string | number) {
  const map = resolve(document, node)
  if (!isMap(map)) return undefined
  const wanted = String(key)
  return map.items.find(
    (pair) => isPair(pair) && isScalar(pair.key) && String(pair.key.value) === wanted,
  )
}

function resolve(document: Document.Parsed, node: unknown): unknown {
  return isAlias(node) ? node.resolve(document) : node
}

/** A value that was left empty has a place, but nothing stands there. */
function startOf(node: unknown): number | undefined {
  const { range } = (node ?? {}) as { range?: readonly number[] | null }
  if (!range || range[0] === undefined) return undefined
  return isScalar(node) && range[0] === range[1] ? undefined : range[0]
}
