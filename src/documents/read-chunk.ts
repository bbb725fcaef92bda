import { type Document, LineCounter, parseAllDocuments, type YAMLParseError } from 'yaml'
import { reasonOf } from '../base/reason-of.ts'
import { aliasFault } from './alias-fault.ts'
import { duplicateKey } from './duplicate-key.ts'
import { offsetOfPath, type Position } from './locate.ts'
import type { Path } from './path.ts'
import { unfoldLists } from './unfold-lists.ts'

/** What a chunk of a file holds. Lines are those of the chunk, so that it can be moved. */
export interface ChunkRead {
  readonly text: string
  readonly objects: readonly ChunkObject[]
  readonly faults: readonly ChunkFault[]
}

export interface ChunkObject {
  readonly value: unknown
  /** Which document of the chunk holds it, and where in there. */
  readonly document: number
  readonly path: Path
  readonly position: Position
}

export interface ChunkFault {
  readonly message: string
  readonly position: Position
}

/** Reads the documents of a chunk; those with a fault are left out. Never throws. */
export function readChunk(text: string): ChunkRead {
  const lines = new LineCounter()
  const mayHaveAlias = text.includes('*')
  const objects: ChunkObject[] = []
  const faults: ChunkFault[] = []
  const addFault = (message: string, offset: number) =>
    faults.push({ message, position: positionOf(lines, offset) })
  try {
    for (const [index, document] of parse(text, lines).entries()) {
      const [error] = document.errors
      const twice = error ? undefined : duplicateKey(document)
      const alias = error || !mayHaveAlias ? undefined : aliasFault(document)
      if (error) addFault(wordsOf(error), error.pos[0])
      else if (twice) addFault(twice.message, twice.offset)
      else if (alias) addFault(alias.message, alias.offset)
      else objects.push(...objectsOf(document, index, lines))
    }
  } catch (error) {
    addFault(describeFailure(error), 0)
  }
  // Copies have no room to grow.
  return { text, objects: [...objects], faults: [...faults] }
}

/** Turns what is found in a document's syntax tree into a position in its chunk. */
export type Locator = (offsetIn: (parsed: Document.Parsed, source: string) => number) => Position

/** Finds places in one document of a chunk, parsing it when first asked: syntax trees are large. */
export function createLocator(text: string, document: number): Locator {
  let found:
    | { readonly parsed: Document.Parsed | undefined; readonly lines: LineCounter }
    | undefined
  return (offsetIn) => {
    found ??= parseOne(text, document)
    return positionOf(found.lines, found.parsed ? offsetIn(found.parsed, text) : 0)
  }
}

function parseOne(text: string, document: number) {
  const lines = new LineCounter()
  return { parsed: parse(text, lines)[document], lines }
}

function parse(text: string, lineCounter: LineCounter): readonly Document.Parsed[] {
  const options = { lineCounter, merge: true, prettyErrors: false, uniqueKeys: false } as const
  const parsed = parseAllDocuments(text, options)
  return 'empty' in parsed ? [] : parsed
}

function objectsOf(document: Document.Parsed, index: number, lines: LineCounter): ChunkObject[] {
  const value: unknown = document.toJS({ maxAliasCount: 100 })
  if (value === null || value === undefined) return []
  return unfoldLists(value).map((item) => ({
    ...item,
    document: index,
    position: positionOf(lines, offsetOfPath(document, item.path)),
  }))
}

function positionOf(lines: LineCounter, offset: number): Position {
  const { line, col } = lines.linePos(offset)
  return { line: Math.max(line, 1), column: Math.max(col, 1) }
}

/** What the parser says, without the words of the file that it quotes: they may be secret. */
function wordsOf({ code, message }: YAMLParseError): string {
  if (code === 'TAG_RESOLVE_FAILED') return 'there is no such tag'
  return message.replace(/(: |(?<=YAML version|escape sequence) ).*$/s, '')
}

function describeFailure(error: unknown): string {
  if (error instanceof RangeError) return 'nested too deeply'
  if (error instanceof ReferenceError) return 'its aliases make far more of it than is written'
  return reasonOf(error)
}
