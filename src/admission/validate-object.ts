import type { ObjectDocument } from '../documents/documents.ts'
import { type Finding, isError, type ObjectReference } from '../documents/finding.ts'
import { isPlainMap, mapAt, type PlainMap } from '../documents/plain-map.ts'
import type { Declarations } from '../registry/catalog.ts'
import { serviceBefore } from '../registry/service-before.ts'
import type { MeshObject } from '../translate/mesh-object.ts'
import { parseObject } from '../translate/parse-object.ts'
import type { ReviewRequest, ReviewResponse } from './review.ts'
import { admissionWarnings } from './warnings.ts'

/** Kinds that are checked; others pass. */
const checkedKinds: ReadonlySet<string> = new Set([
  'ServiceEntry',
  'WorkloadEntry',
  'WorkloadGroup',
  'Sidecar',
  'ProxyConfig',
])

export interface ValidationOptions {
  /** Whether hosts without an address get a virtual one; a warning depends on it. */
  readonly autoAllocate: boolean
  /** What the cluster declares; a Service may have the host of an entry. */
  readonly declared: Pick<Declarations, 'services'>
}

/**
 * Says whether the API server may store an object, and what is dubious about it.
 *
 * What was wrong with an object before a change of it is a warning only: a label can be set on an object that is older
 * than the webhook, and one that is being deleted loses its finalizers.
 */
export function validateObject(
  request: ReviewRequest,
  { autoAllocate, declared }: ValidationOptions,
): ReviewResponse {
  const { group, kind, subresource, operation, object, oldObject, namespace } = request
  const isStored = operation === 'CREATE' || operation === 'UPDATE'
  const isOurs = group === 'networking.istio.io' && checkedKinds.has(kind) && subresource === ''
  if (!isOurs || !isStored || !object || isBeingDeleted(object)) return { allowed: true }
  const check = (value: PlainMap) => {
    const options = { defaultNamespace: namespace || 'default', autoAllocate }
    const { object: parsed, findings } = parseObject(documentOf(value), options)
    return parsed ? [...findings, ...hostsOfServices(parsed, declared)] : findings
  }
  const findings = check(object)
  const warnings = findings.filter(({ severity }) => severity === 'warning')
  const errors = findings.filter(({ severity }) => severity === 'error')
  const known = new Set(
    errors.length > 0 && oldObject ? check(oldObject).filter(isError).map(wordsOf) : [],
  )
  const fresh = errors.filter((error) => !known.has(wordsOf(error)))
  const isRefused = fresh.length > 0
  const said = admissionWarnings(
    (isRefused ? warnings : [...errors, ...warnings]).map(wholeWordsOf),
  )
  return {
    ...(isRefused ? { allowed: false, message: refusal(errors) } : { allowed: true }),
    ...(said.length > 0 ? { warnings: said } : {}),
  }
}

/** Hosts of an entry that the cluster has as well. */
function hostsOfServices(
  object: MeshObject,
  declared: Pick<Declarations, 'services'>,
): readonly Finding[] {
  if (object.kind !== 'ServiceEntry') return []
  const { document, namespace, name } = object.meta
  return object.hosts.flatMap((host) => {
    const before = serviceBefore(declared.services().get(host) ?? [], namespace)
    if (before === undefined) return []
    return {
      severity: 'warning',
      code: 'HOST_OF_SERVICE',
      message: `${host}: ${before}`,
      path: 'spec.hosts',
      file: document.file,
      ...somewhere,
      object: { kind: object.kind, namespace, name },
    }
  })
}

function isBeingDeleted({ metadata }: PlainMap): boolean {
  return isPlainMap(metadata) && typeof metadata['deletionTimestamp'] === 'string'
}

/** Where, what, and what to do. */
function wordsOf({ path, message, hint = '', code }: Finding): string {
  const text = `${path === '' ? '' : `${path}: `}${message}`
  return hint === '' ? `${text} [${code}]` : `${text}. ${hint} [${code}]`
}

/** The same, with the object: clients that send many do not tell which one an answer is about. */
function wholeWordsOf(finding: Finding): string {
  const { path, object } = finding
  return `${nameOf(object)}${path === '' ? ': ' : ' '}${wordsOf(finding)}`
}

function nameOf(object: ObjectReference | undefined): string {
  return object ? `${object.kind} ${object.namespace}/${object.name}` : 'the object'
}

/** Longer lists help nobody; the rest shows when these are mended. */
const maxErrors = 10

function refusal(errors: readonly Finding[]): string {
  const [first] = errors
  if (first && errors.length === 1) return wholeWordsOf(first)
  const shown = errors.slice(0, maxErrors).map((error) => `\n  - ${wordsOf(error)}`)
  const rest = errors.length - shown.length
  const more = rest > 0 ? `\n  - and ${rest} more` : ''
  return `${errors.length} things are wrong with ${nameOf(first?.object)}:${shown.join('')}${more}`
}

const somewhere = { line: 1, column: 1 }

/** An object out of a request; nobody knows its lines. */
function documentOf(value: PlainMap): ObjectDocument {
  return {
    file: 'request',
    ...somewhere,
    value: withName(value),
    locate: () => somewhere,
    locateKey: () => somewhere,
    locateInside: (_, inside) => inside,
  }
}

/** The API server makes names of `generateName` after it has asked us. */
function withName(value: PlainMap): PlainMap {
  const metadata = mapAt(value, 'metadata')
  const { name = '', generateName } = metadata
  if (name !== '' || typeof generateName !== 'string') return value
  return { ...value, metadata: { ...metadata, name: `${generateName}00000` } }
}
