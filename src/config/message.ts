import { z } from 'zod'
import { formatPath, type Path } from '../documents/path.ts'
import { isPlainMap } from '../documents/plain-map.ts'
import type { Report } from '../documents/report.ts'
import { tryParseDuration } from './go-duration.ts'

/** Where a check is, and whom it tells. */
export interface Checking {
  readonly report: Report
  readonly path: Path
  /** Paths of fields that are accepted without effect; checks add to it. */
  readonly unused: string[]
}

/** One message of Istio's API: the fields that we act on, and those that it has besides. */
export interface MessageShape<T extends z.core.$ZodShape> {
  readonly shape: z.ZodObject<T>
  readonly others: readonly string[]
}

/** A field that is there but is not acted on may hold anything. */
export function messageShape<T extends z.core.$ZodShape>(
  acted: T,
  others: readonly string[],
): MessageShape<T> {
  const rest = Object.fromEntries(others.map((name) => [name, z.unknown().optional()]))
  return { shape: z.strictObject({ ...rest, ...acted }), others }
}

/** Adds the fields of a message that have no effect here to the list. */
export function addUnused(
  value: unknown,
  others: readonly string[],
  { path, unused }: Pick<Checking, 'path' | 'unused'>,
): void {
  if (!isPlainMap(value)) return
  for (const name of others) {
    if (Object.hasOwn(value, name)) unused.push(formatPath([...path, name]))
  }
}

/** One notice for all fields of a file that are accepted without effect. */
export function noteUnused({ report, unused }: Pick<Checking, 'report' | 'unused'>): void {
  if (unused.length === 0) return
  report.notice({
    code: 'UNUSED_FIELDS',
    path: [],
    message: `accepted, but without effect here: ${unused.join(', ')}`,
  })
}

/** Durations are texts such as `45s`; says where one is not. */
export function checkDurations(value: unknown, names: readonly string[], checking: Checking): void {
  if (!isPlainMap(value)) return
  for (const name of names) {
    const text = value[name]
    if (typeof text !== 'string' || tryParseDuration(text) !== undefined) continue
    checking.report.error({
      code: 'SCHEMA',
      path: [...checking.path, name],
      message: `${JSON.stringify(text)} is not a duration`,
      hint: 'Write a number with a unit, such as 45s or 1m30s.',
    })
  }
}
