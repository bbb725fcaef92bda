import { z } from 'zod'
import type { ObjectDocument } from '../documents/documents.ts'
import type { Report } from '../documents/report.ts'
import { checkShape } from '../documents/shape.ts'
import type { Labels, ObjectMeta } from './mesh-object.ts'

const Texts = z.record(z.string(), z.string()).nullish()

const Metadata = z.looseObject({
  name: z.string(),
  namespace: z.string().nullish(),
  labels: Texts,
  annotations: Texts,
  creationTimestamp: z.string().nullish(),
})

/** The largest life time that a record can have (RFC 2181 §8). */
const maxTtlSeconds = 2 ** 31 - 1

/** Where an object comes from, as its parser is told. */
export interface Subject {
  readonly kind: string
  readonly document: ObjectDocument
  /** Namespace of objects that name none. */
  readonly defaultNamespace: string
  /** It is in none, whatever it says. */
  readonly isClusterWide: boolean
}

/** Reads the `metadata` of an object; `undefined` when the report says why it cannot be used. */
export function readMeta(metadata: unknown, subject: Subject, report: Report) {
  const raw = checkShape(Metadata, metadata ?? {}, { path: ['metadata'], report })
  if (!raw) return undefined
  const { kind, document, defaultNamespace, isClusterWide } = subject
  const namespace = isClusterWide ? '' : (raw.namespace ?? defaultNamespace)
  checkName(raw.name, report)
  if (!isClusterWide) checkNamespace(namespace, report)
  const annotations = toLabels(raw.annotations)
  const ttlSeconds = readTtl(annotations, report)
  const meta: ObjectMeta = {
    namespace,
    name: raw.name,
    labels: toLabels(raw.labels),
    annotations,
    createdAt: Date.parse(raw.creationTimestamp ?? '') || 0,
    ...(ttlSeconds === undefined ? {} : { ttlSeconds }),
    origin: { kind, namespace, name: raw.name, file: document.file, line: document.line },
    document,
  }
  return report.failed ? undefined : meta
}

/** Shared: most objects have none, and an empty map takes 300 octets. */
const noLabels: Labels = new Map()

/** A map of texts, whatever its keys are called. */
export function toLabels(record: Readonly<Record<string, string>> | null | undefined): Labels {
  const entries = Object.entries(record ?? {})
  return entries.length === 0 ? noLabels : new Map(entries)
}

/** Whether it can be the name of a namespace: a DNS label, RFC 1123 §2.1. */
export function isNamespaceName(text: string): boolean {
  return /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/.test(text)
}

const objectName = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/

/** Whether it can be the name of an object: DNS labels, at most 253 characters. */
export function isObjectName(text: string): boolean {
  return text.length <= 253 && objectName.test(text)
}

function checkName(name: string, report: Report): void {
  if (isObjectName(name)) return
  report.error({
    code: 'METADATA',
    path: ['metadata', 'name'],
    message: `${JSON.stringify(name)} is not an object name`,
    hint: 'Use lower-case letters, digits, "-" and ".".',
  })
}

function checkNamespace(namespace: string, report: Report): void {
  if (isNamespaceName(namespace)) return
  report.error({
    code: 'METADATA',
    path: ['metadata', 'namespace'],
    message: `${JSON.stringify(namespace)} is not a namespace`,
    hint: 'Use at most 63 lower-case letters, digits and "-".',
  })
}

/** A bad one is no reason to take a name away, so it only warns. */
function readTtl(annotations: Labels, report: Report): number | undefined {
  const key = 'meshdns.io/ttl'
  const text = annotations.get(key)
  if (text === undefined) return undefined
  const seconds = /^\d{1,10}$/.test(text) ? Number(text) : Infinity
  if (seconds <= maxTtlSeconds) return seconds
  report.warning({
    code: 'TTL',
    path: ['metadata', 'annotations', key],
    message: `${JSON.stringify(text)} is not a life time in seconds; the default holds`,
    hint: `Write a whole number from 0 to ${maxTtlSeconds}, in quotes.`,
  })
  return undefined
}
