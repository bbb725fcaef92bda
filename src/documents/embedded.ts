import { type DocumentsRead, type ObjectDocument, readDocuments } from './documents.ts'
import type { Finding, ObjectReference } from './finding.ts'
import type { Position } from './locate.ts'
import { formatPath, type Path } from './path.ts'

export interface EmbeddedRead {
  /** Missing when the text is empty or faulty. */
  readonly document?: ObjectDocument
  readonly findings: readonly Finding[]
}

export interface Embedding {
  /** Where the text stands in the outer object. */
  readonly path: Path
  readonly text: string
  /** The outer object, for findings. */
  readonly object?: ObjectReference
}

/**
 * Reads YAML that stands as text in an object, such as an annotation or a value of a ConfigMap.
 *
 * Everything in it is located in the outer file. Only one document makes sense. Never throws.
 */
export function readEmbedded(outer: ObjectDocument, embedding: Embedding): EmbeddedRead {
  const { path, text, object } = embedding
  const { file } = outer
  const read = readInnerText(text, file)
  const move = (inside: Position) => outer.locateInside(path, inside)
  const about = { path: formatPath(path), file, ...(object === undefined ? {} : { object }) }
  const faults = read.findings.filter(({ severity }) => severity === 'error')
  const findings: Finding[] = faults.map((finding) => ({
    ...finding,
    ...about,
    ...move(finding),
    message: `line ${finding.line} of the text: ${finding.message}`,
    hint: 'Mend the YAML inside of this text.',
  }))
  const [inner, second] = read.documents
  if (second) {
    const message = 'this text holds several YAML documents; only one makes sense'
    findings.push({ severity: 'error', code: 'YAML_SYNTAX', message, ...about, ...move(second) })
  }
  if (!inner || findings.length > 0) return { findings }
  const document: ObjectDocument = {
    file,
    ...move(inner),
    value: inner.value,
    locate: (at) => move(inner.locate(at)),
    locateKey: (parent, key) => move(inner.locateKey(parent, key)),
    locateInside: (at, inside) => move(inner.locateInside(at, inside)),
  }
  return { document, findings }
}

/** Whoever may write an object may write such a text; nobody needs more for what stands in one. */
const mostCharacters = 32_768

/** Reads a text that stood in an object. Never throws. */
export function readInnerText(text: string, file: string): DocumentsRead {
  if (text.length <= mostCharacters) return readDocuments(text, file)
  const message = `is too large: at most ${mostCharacters} characters`
  const where = { path: '', file, line: 1, column: 1 }
  const finding = { severity: 'error', code: 'LIMIT', message, ...where } as const
  return { documents: [], findings: [finding], chunks: new Map() }
}
