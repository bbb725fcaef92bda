import { type Document, LineCounter, parseAllDocuments } from 'yaml'
import { aliasFault } from './alias-fault.ts'
import type { Finding } from './finding.ts'
import { offsetOfKey, offsetOfPath, type Position } from './locate.ts'
import type { Path } from './path.ts'
import { type Chunk, splitDocuments } from './split-documents.ts'
import { unfoldLists } from './unfold-lists.ts'

/** One object of a file, not checked yet, that still knows where its parts stand. */
export interface ObjectDocument {
  readonly file: string
  /** Of the object's first line; counted from 1. */
  readonly line: number
  readonly column: number
  readonly value: unknown
  /** Where the path's value stands, or the innermost part of it that exists. Slow: parses again. */
  locate(path: Path): Position
  /** Where the name of a field stands. Slow as well. */
  locateKey(parent: Path, key: string): Position
}

export interface DocumentsRead {
  readonly documents: readonly ObjectDocument[]
  readonly findings: readonly Finding[]
}

/**
 * Reads the objects of a YAML 1.2 or JSON file; lists (`kind: List`) are unfolded.
 *
 * A document with a syntax error becomes one finding, and the others are read. Never throws.
 */
export function readDocuments(text: string, file: string): DocumentsRead {
  if (text.includes('\0')) return { documents: [], findings: [binaryFile(file)] }
  const documents: ObjectDocument[] = []
  const findings: Finding[] = []
  for (const chunk of splitDocuments(text.replace(/^\uFEFF/, '')))
    readChunk(chunk, { file, documents, findings })
  if (documents.length === 0 && findings.length === 0) findings.push(nothingInside(file))
  return { documents, findings }
}

interface Reading {
  readonly file: string
  readonly documents: ObjectDocument[]
  readonly findings: Finding[]
}

function readChunk(chunk: Chunk, reading: Reading): void {
  const lines = new LineCounter()
  const fault = (message: string, offset: number) =>
    reading.findings.push(syntaxFault(message, reading.file, placeOf(chunk, lines, offset)))
  try {
    for (const [index, parsed] of parse(chunk.text, lines).entries()) {
      const [error] = parsed.errors
      const alias = error ? undefined : aliasFault(parsed)
      if (error) fault(error.message, error.pos[0])
      else if (alias) fault(alias.message, alias.offset)
      else readParsed(parsed, { ...reading, chunk, lines, index })
    }
  } catch (error) {
    fault(describeFailure(error), 0)
  }
}

interface ChunkReading extends Reading {
  readonly chunk: Chunk
  readonly lines: LineCounter
  /** Of the document in its chunk. */
  readonly index: number
}

function readParsed(parsed: Document.Parsed, reading: ChunkReading): void {
  const { chunk, lines, index, file } = reading
  const value: unknown = parsed.toJS({ maxAliasCount: 100 })
  if (value === null || value === undefined) return
  let again: ParsedAgain | undefined
  const position = (offsetIn: (document: Document.Parsed) => number): Position => {
    again ??= parseAgain(chunk.text, index)
    return placeOf(chunk, again.lines, again.document ? offsetIn(again.document) : 0)
  }
  for (const { value: item, path } of unfoldLists(value)) {
    const start = placeOf(chunk, lines, offsetOfPath(parsed, path))
    reading.documents.push({
      file,
      ...start,
      value: item,
      locate: (inner) => position((document) => offsetOfPath(document, [...path, ...inner])),
      locateKey: (parent, key) =>
        position((document) => offsetOfKey(document, [...path, ...parent], key)),
    })
  }
}

function parse(text: string, lineCounter: LineCounter): readonly Document.Parsed[] {
  const options = { lineCounter, merge: true, prettyErrors: false } as const
  const parsed = parseAllDocuments(text, options)
  return 'empty' in parsed ? [] : parsed
}

interface ParsedAgain {
  readonly document: Document.Parsed | undefined
  readonly lines: LineCounter
}

/** Places are asked for rarely, so the syntax tree, which is large, is not kept from the first time. */
function parseAgain(text: string, index: number): ParsedAgain {
  const lines = new LineCounter()
  return { document: parse(text, lines)[index], lines }
}

function placeOf(chunk: Chunk, lines: LineCounter, offset: number): Position {
  const { line, col } = lines.linePos(offset)
  return { line: chunk.line + Math.max(line, 1) - 1, column: Math.max(col, 1) }
}

function describeFailure(error: unknown): string {
  if (error instanceof RangeError) return 'nested too deeply'
  if (error instanceof ReferenceError)
    return 'aliases multiply the document, or refer to themselves'
  return error instanceof Error ? error.message : String(error)
}

function syntaxFault(message: string, file: string, position: Position): Finding {
  return {
    severity: 'error',
    code: 'YAML_SYNTAX',
    message,
    path: '',
    file,
    ...position,
    hint: 'Mend the YAML or JSON here; the other documents of the file are not affected.',
  }
}

function binaryFile(file: string): Finding {
  return {
    severity: 'error',
    code: 'BINARY_FILE',
    message: 'the file is not text',
    path: '',
    file,
    line: 1,
    column: 1,
    hint: 'Give YAML or JSON files in UTF-8.',
  }
}

function nothingInside(file: string): Finding {
  return {
    severity: 'warning',
    code: 'NO_OBJECTS',
    message: 'the file holds no objects',
    path: '',
    file,
    line: 1,
    column: 1,
  }
}
