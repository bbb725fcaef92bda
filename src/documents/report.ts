import { beginningOf } from '../base/beginning-of.ts'
import type { ObjectDocument } from './documents.ts'
import type { Finding, ObjectReference, Severity } from './finding.ts'
import type { Position } from './locate.ts'
import { formatPath, type Path } from './path.ts'

/** What a rule has to say; the report adds where that stands. */
export interface Remark {
  readonly code: string
  readonly path: Path
  readonly message: string
  readonly hint?: string
  /** Points at the name of the path's last field instead of at what it holds. */
  readonly atKey?: boolean
}

/** Collects what the rules find in one object. */
export class Report {
  readonly findings: Finding[] = []
  readonly #document: ObjectDocument
  readonly #object: ObjectReference | undefined
  /** Whether a field that nobody knows is an error; else it is ignored, with a warning. */
  readonly refusesUnknown: boolean
  #failed = false

  constructor(
    document: ObjectDocument,
    object?: ObjectReference,
    { refusesUnknown = false }: { readonly refusesUnknown?: boolean } = {},
  ) {
    this.#document = document
    this.refusesUnknown = refusesUnknown
    this.#object = object && {
      kind: object.kind,
      namespace: object.namespace,
      name: object.name,
    }
  }

  /** Whether there was an error, so that the object must not be used. */
  get failed(): boolean {
    return this.#failed
  }

  error(remark: Remark): void {
    this.#failed = true
    this.#add('error', remark)
  }

  warning(remark: Remark): void {
    this.#add('warning', remark)
  }

  notice(remark: Remark): void {
    this.#add('notice', remark)
  }

  #add(severity: Severity, remark: Remark): void {
    const { code, path, message, hint } = remark
    this.findings.push({
      severity,
      code,
      message: shorten(message),
      path: shorten(formatPath(path)),
      file: this.#document.file,
      ...this.#positionOf(remark),
      ...(hint === undefined ? {} : { hint: shorten(hint) }),
      ...(this.#object === undefined ? {} : { object: this.#object }),
    })
  }

  #positionOf({ path, atKey }: Remark): Position {
    const key = path.at(-1)
    if (path.length === 0) return { line: this.#document.line, column: this.#document.column }
    if (atKey && key !== undefined) return this.#document.locateKey(path.slice(0, -1), String(key))
    return this.#document.locate(path)
  }
}

/** Beyond this, what a text quotes of an object helps nobody, and fills the log of whoever reads the object. */
const mostCharacters = 1_000

function shorten(text: string): string {
  return text.length <= mostCharacters ? text : `${beginningOf(text, mostCharacters)}…`
}
