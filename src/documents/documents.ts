import type { Finding } from './finding.ts'
import { offsetInsideText } from './inside-text.ts'
import { offsetOfKey, offsetOfPath, type Position } from './locate.ts'
import type { Path } from './path.ts'
import {
  type ChunkFault,
  type ChunkObject,
  type ChunkRead,
  createLocator,
  type Locator,
  readChunk,
} from './read-chunk.ts'
import { type Chunk, splitDocuments } from './split-documents.ts'

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
  /** Where a place inside of a text stands that is itself YAML, such as an annotation. Slow as well. */
  locateInside(path: Path, inside: Position): Position
}

export interface DocumentsRead {
  readonly documents: readonly ObjectDocument[]
  readonly findings: readonly Finding[]
  /** What each part of the file held, by its text; for the next reading. */
  readonly chunks: ReadonlyMap<string, ChunkRead>
}

/**
 * Reads the objects of a YAML 1.2 or JSON file; lists (`kind: List`) are unfolded.
 *
 * A document with a syntax error becomes one finding, and the others are read. Parts that did not
 * change since an earlier reading are taken over from it, wherever they stand now. Never throws.
 */
export function readDocuments(text: string, file: string, before?: DocumentsRead): DocumentsRead {
  const chunks = new Map<string, ChunkRead>()
  if (text.includes('\0')) return { documents: [], findings: [binaryFile(file)], chunks }
  const documents: ObjectDocument[] = []
  const findings: Finding[] = []
  for (const chunk of splitDocuments(text.replace(/^\uFEFF/, ''))) {
    const known = before?.chunks.get(chunk.text) ?? chunks.get(chunk.text)
    const read = known ?? readChunk(detach(chunk.text))
    chunks.set(read.text, read)
    const locators: Locator[] = []
    for (const object of read.objects) {
      const locator = (locators[object.document] ??= createLocator(read.text, object.document))
      documents.push(new PlacedObject(object, { chunkLine: chunk.line, file, locator }))
    }
    for (const fault of read.faults) findings.push(syntaxFault(fault, chunk, file))
  }
  if (documents.length === 0 && findings.length === 0) findings.push(nothingInside(file))
  return { documents, findings, chunks }
}

/** A copy: what is cut out of a text would keep the whole of it in memory, for as long as an object lives. */
function detach(text: string): string {
  return Buffer.from(text, 'utf16le').toString('utf16le')
}

/** Keeps little, as there may be hundreds of thousands: nothing of the text around it. */
class PlacedObject implements ObjectDocument {
  readonly file: string
  readonly line: number
  readonly column: number
  readonly value: unknown
  readonly #path: Path
  readonly #chunkLine: number
  /** Shared by all objects of a list, so that it is parsed again only once. */
  readonly #locator: Locator

  constructor({ value, path, position }: ChunkObject, place: Place) {
    const { chunkLine, file, locator } = place
    const { line, column } = moveInto(chunkLine, position)
    this.file = file
    this.line = line
    this.column = column
    this.value = value
    this.#path = path
    this.#chunkLine = chunkLine
    this.#locator = locator
  }

  locate(inner: Path): Position {
    return this.#find((parsed) => offsetOfPath(parsed, [...this.#path, ...inner]))
  }

  locateKey(parent: Path, key: string): Position {
    return this.#find((parsed) => offsetOfKey(parsed, [...this.#path, ...parent], key))
  }

  locateInside(inner: Path, inside: Position): Position {
    return this.#find((document, source) =>
      offsetInsideText({ document, source }, [...this.#path, ...inner], inside),
    )
  }

  #find(offsetIn: Parameters<Locator>[0]): Position {
    return moveInto(this.#chunkLine, this.#locator(offsetIn))
  }
}

interface Place {
  /** Of the first line of its chunk in the file. */
  readonly chunkLine: number
  readonly file: string
  readonly locator: Locator
}

function moveInto(chunkLine: number, { line, column }: Position): Position {
  return { line: chunkLine + line - 1, column }
}

function syntaxFault({ message, position }: ChunkFault, chunk: Chunk, file: string): Finding {
  return {
    severity: 'error',
    code: 'YAML_SYNTAX',
    message,
    path: '',
    file,
    ...moveInto(chunk.line, position),
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
