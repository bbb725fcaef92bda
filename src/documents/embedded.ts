import { type ObjectDocument, readDocuments } from './documents.ts'
import { type Finding, isError, type ObjectReference } from './finding.ts'
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
  const inner = read.document
  if (!inner) {
    const findings = read.findings.map((finding) => ({
      ...finding,
      ...about,
      ...move(finding),
      message: `line ${finding.line} of the text: ${finding.message}`,
    }))
    return { findings }
  }
  const document: ObjectDocument = {
    file,
    ...move(inner),
    value: inner.value,
    locate: (at) => move(inner.locate(at)),
    locateKey: (parent, key) => move(inner.locateKey(parent, key)),
    locateInside: (at, inside) => move(inner.locateInside(at, inside)),
  }
  return { document, findings: [] }
}

/** Whoever may write an object may write such a text; nobody needs more for what stands in one. */
const mostCharacters = 32_768

/** Reads a text that stood in an object, and is all that is left of it: places are those in the text. Never throws. */
export function readInnerText(text: string, file: string): EmbeddedRead {
  if (text.length > mostCharacters) {
    const message = `is too large: at most ${mostCharacters} characters`
    return { findings: [innerFault('LIMIT', message, { file, line: 1, column: 1 })] }
  }
  const { documents, findings } = readDocuments(text, file)
  const hint = 'Mend the YAML inside of this text.'
  const faults = findings.filter(isError).map((fault): Finding => ({ ...fault, hint }))
  const [document, second] = documents
  if (second) {
    const message = 'this text holds several YAML documents; only one makes sense'
    faults.push(innerFault('YAML_SYNTAX', message, second))
  }
  return document && faults.length === 0 ? { document, findings: [] } : { findings: faults }
}

function innerFault(
  code: string,
  message: string,
  { file, line, column }: Pick<Finding, 'file' | 'line' | 'column'>,
): Finding {
  return { severity: 'error', code, message, path: '', file, line, column }
}
