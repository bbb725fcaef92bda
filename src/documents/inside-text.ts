import { type Document, isScalar } from 'yaml'
import { nodeAt, offsetOfPath, type Position } from './locate.ts'
import type { Path } from './path.ts'

/**
 * Offset of a place inside a text that is itself YAML, such as an annotation.
 *
 * Exact in a literal block (`|`) and on the first line of any other text without escapes; elsewhere
 * where the text begins.
 */
export function offsetInsideText(
  { document, source }: { readonly document: Document.Parsed; readonly source: string },
  path: Path,
  { line, column }: Position,
): number {
  const node = nodeAt(document, path)
  const start = isScalar(node) ? node.range?.[0] : undefined
  if (!isScalar(node) || start === undefined) return offsetOfPath(document, path)
  if (node.type === 'BLOCK_LITERAL') return offsetInBlock(source, start, { line, column })
  const text = String(node.value)
  const open = source.startsWith(text, start) ? start : start + 1
  return line === 1 && source.startsWith(text, open) ? open + column - 1 : start
}

/** `start` is that of the block's header. */
function offsetInBlock(source: string, start: number, { line, column }: Position): number {
  let at = start
  for (let lines = 0; lines < line; lines += 1) {
    const end = source.indexOf('\n', at)
    if (end < 0) return source.length
    at = end + 1
  }
  const body = source.slice(source.indexOf('\n', start) + 1)
  const indentation = /^(?:[ \t]*\r?\n)*( *)/.exec(body)?.[1]?.length ?? 0
  return at + indentation + column - 1
}
