import { type DocumentsRead, type ObjectDocument, readDocuments } from '../documents/documents.ts'
import { type Finding, isError } from '../documents/finding.ts'
import type { MeshObject } from '../translate/mesh-object.ts'
import { type Parsed, type ParseOptions, parseObject } from '../translate/parse-object.ts'

/** What a file contributes. */
export interface FileObjects {
  /** In force, in the order of the file: each in its newest version that was good. */
  readonly objects: readonly MeshObject[]
  readonly findings: readonly Finding[]
  /** The documents as they were read last: parts that stay the same are not read again. */
  readonly read?: DocumentsRead
  /** What came of each document, by its value. */
  readonly parsed: ReadonlyMap<unknown, readonly ParsedDocument[]>
  /** Documents that are so broken that nobody can tell which object they are. */
  readonly unknown: number
  /** Objects of an earlier version that may be the unknown ones. */
  readonly retained: ReadonlySet<string>
}

export const noObjects: FileObjects = {
  objects: [],
  parsed: new Map(),
  findings: [],
  unknown: 0,
  retained: new Set(),
}

/**
 * Takes a new version of a file.
 *
 * A bad object leaves its last good version in force. Where a document cannot be told to be any
 * object, those that this version seems to have lost stay as well; what is missing otherwise is gone.
 */
export function updateObjects(
  before: FileObjects,
  { text, file }: { readonly text: string; readonly file: string },
  options: ParseOptions,
): FileObjects {
  const known = new Map(before.objects.map((object) => [keyOf(object.meta.origin), object]))
  const read = readDocuments(text, file, before.read)
  const findings = [...read.findings]
  const objects: MeshObject[] = []
  const seen = new Set<string>()
  const parsedNow = new Map<unknown, readonly ParsedDocument[]>()
  let unknown = read.findings.filter(isError).length
  for (const document of read.documents) {
    const parsed = findParsed(before, document) ?? parse(document, options)
    parsedNow.set(document.value, [...(parsedNow.get(document.value) ?? []), parsed])
    findings.push(...parsed.findings)
    if (parsed.key !== undefined) seen.add(parsed.key)
    else if (parsed.findings.some(isError)) unknown += 1
    const object = parsed.object ?? known.get(parsed.key ?? '')
    if (object) objects.push(object)
  }
  const retained = retain(before, { seen, unknown })
  objects.push(...before.objects.filter(({ meta }) => retained.has(keyOf(meta.origin))))
  return { objects, findings, read, parsed: parsedNow, unknown, retained }
}

/** A file that cannot be read at all: everything stays as it is. */
export function keepObjects(before: FileObjects, finding: Finding): FileObjects {
  const retained = new Set(before.objects.map(({ meta }) => keyOf(meta.origin)))
  return { ...before, findings: [finding], unknown: 1, retained }
}

interface ParsedDocument extends Parsed {
  readonly line: number
  readonly column: number
  /** Missing when nobody can tell which object it is. */
  readonly key: string | undefined
}

/** An unchanged document has the very same value, as the reader takes it over. */
function findParsed(
  { parsed }: FileObjects,
  { value, line, column }: ObjectDocument,
): ParsedDocument | undefined {
  return parsed.get(value)?.find((one) => one.line === line && one.column === column)
}

function parse(document: ObjectDocument, options: ParseOptions): ParsedDocument {
  const { line, column } = document
  const { object, findings } = parseObject(document, options)
  if (object) return { line, column, object, findings, key: keyOf(object.meta.origin) }
  const named = findings.find((one) => isError(one) && one.object && one.object.name !== '')?.object
  return { line, column, findings, key: named && keyOf(named) }
}

/** A document that broke just now may be any that is missing; one that was broken is none of them. */
function retain(
  before: FileObjects,
  { seen, unknown }: { readonly seen: ReadonlySet<string>; readonly unknown: number },
): ReadonlySet<string> {
  if (unknown === 0) return new Set()
  const keys = before.objects.map(({ meta }) => keyOf(meta.origin))
  const lost = keys.filter((key) => !seen.has(key))
  return new Set(unknown > before.unknown ? lost : lost.filter((key) => before.retained.has(key)))
}

interface Reference {
  readonly kind: string
  readonly namespace: string
  readonly name: string
}

function keyOf({ kind, namespace, name }: Reference): string {
  return `${kind} ${namespace}/${name}`
}
