import { z } from 'zod'
import { closestWord } from '../base/closest-word.ts'
import type { Path } from './path.ts'
import type { Report } from './report.ts'

/**
 * The value, when it has the shape; otherwise the report says what does not fit.
 *
 * Fields that the shape does not know are warnings only, unless the report refuses them: an API server would
 * drop them silently.
 * The shape must not change values, since the result is the value itself.
 */
export function checkShape<T extends z.ZodType>(
  shape: T,
  value: unknown,
  place: { readonly path: Path; readonly report: Report },
): z.output<T> | undefined {
  const result = shape.safeParse(value, { reportInput: true })
  if (result.success) return result.data
  let usable = true
  for (const issue of result.error.issues) {
    if (issue.code === 'unrecognized_keys') warnOfUnknownFields(shape, issue, place)
    else {
      usable = false
      reportIssue(issue, place)
    }
  }
  return usable ? (value as z.output<T>) : undefined
}

function warnOfUnknownFields(
  shape: z.ZodType,
  issue: z.core.$ZodIssueUnrecognizedKeys,
  { path, report }: { readonly path: Path; readonly report: Report },
): void {
  const inner = issue.path as Path
  const known = fieldsAt(shape, inner)
  for (const key of issue.keys) {
    const meant = closestWord(key, known)
    const message = `there is no field ${JSON.stringify(key)} here`
    const remark = {
      code: 'UNKNOWN_FIELD',
      path: [...path, ...inner, key],
      message: report.refusesUnknown ? message : `${message}; it is ignored`,
      hint:
        meant === undefined ? `The fields are: ${known.join(', ')}.` : `Did you mean "${meant}"?`,
      atKey: true,
    }
    if (report.refusesUnknown) report.error(remark)
    else report.warning(remark)
  }
}

/** Names of the fields of the object shape that a path leads to. */
function fieldsAt(shape: z.ZodType, path: Path): readonly string[] {
  let at: z.core.$ZodType | undefined = unwrap(shape)
  for (const segment of path) {
    if (at instanceof z.ZodObject) at = unwrap(at.shape[String(segment)] as z.core.$ZodType)
    else if (at instanceof z.ZodArray) at = unwrap(at.element)
    else return []
  }
  return at instanceof z.ZodObject ? Object.keys(at.shape) : []
}

function unwrap(shape: z.core.$ZodType | undefined): z.core.$ZodType | undefined {
  let inner = shape
  while (inner instanceof z.ZodOptional || inner instanceof z.ZodNullable) inner = inner.unwrap()
  return inner
}

function reportIssue(
  issue: z.core.$ZodIssue,
  { path, report }: { readonly path: Path; readonly report: Report },
): void {
  const full = [...path, ...(issue.path as Path)]
  // The only checks of our own are those of `mapOf`, which limit a map.
  if (issue.code === 'too_big' || issue.code === 'custom') {
    const message = issue.code === 'custom' ? issue.message : `is too large: ${limitOf(issue)}`
    report.error({ code: 'LIMIT', path: full, message })
    return
  }
  const hint = hintFor(issue)
  report.error({
    code: 'SCHEMA',
    path: full,
    message: messageOf(issue),
    ...(hint === undefined ? {} : { hint }),
  })
}

function limitOf(issue: z.core.$ZodIssueTooBig): string {
  const units: Readonly<Record<string, string>> = { string: ' characters', array: ' items' }
  return `at most ${issue.maximum}${units[issue.origin] ?? ''}`
}

function messageOf(issue: z.core.$ZodIssue): string {
  if (issue.code === 'invalid_type') {
    if (issue.input === undefined || issue.input === null) return `${expected(issue)} is missing`
    return `must be ${expected(issue)}, not ${describe(issue.input)}`
  }
  if (issue.code === 'invalid_union') return `must not be ${describe(issue.input)}`
  if (issue.code === 'invalid_value') {
    return `must be one of ${issue.values.join(', ')}, not ${describe(issue.input)}`
  }
  return issue.message.toLowerCase()
}

function hintFor(issue: z.core.$ZodIssue): string | undefined {
  if (issue.code !== 'invalid_type') return undefined
  const { input } = issue
  const plain = typeof input === 'number' || typeof input === 'boolean'
  if (issue.expected === 'string' && plain) return `Put it in quotes: "${input}".`
  if (issue.expected === 'number' && typeof input === 'string' && /^\d+$/.test(input)) {
    return `Remove the quotes: ${input}.`
  }
  return undefined
}

function expected(issue: z.core.$ZodIssueInvalidType): string {
  const words: Readonly<Record<string, string>> = {
    string: 'a text',
    number: 'a number',
    int: 'a whole number',
    boolean: 'true or false',
    array: 'a list',
    object: 'a map',
    record: 'a map',
  }
  return words[issue.expected] ?? issue.expected
}

function describe(value: unknown): string {
  if (Array.isArray(value)) return 'a list'
  if (value === null) return 'nothing'
  switch (typeof value) {
    case 'object':
      return 'a map'
    case 'string':
      return JSON.stringify(value.length > 40 ? `${value.slice(0, 40)}…` : value)
    case 'number':
    case 'boolean':
      return String(value)
    case 'bigint':
    case 'function':
    case 'symbol':
    case 'undefined':
      break
  }
  return 'nothing'
}
