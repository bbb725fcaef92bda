import type { Brand } from '../base/brand.ts'
import { CodedError } from '../base/coded-error.ts'

/** Class of a record or question (RFC 1035 §3.2.4, §3.2.5; RFC 2136 §1.3). */
export type RecordClass = Brand<number, 'RecordClass'>

/** The text is not a record class. */
export class RecordClassSyntaxError extends CodedError {
  override readonly code = 'WIRE_RECORD_CLASS_SYNTAX'

  constructor(text: string) {
    super(`not a record class: ${JSON.stringify(text)}`, {
      hint: 'Write IN, CH, HS, NONE or ANY, or CLASS and a number up to 65535.',
    })
  }
}

const numbers = { IN: 1, CH: 3, HS: 4, NONE: 254, ANY: 255 } as const

export const recordClass = numbers as { readonly [Class in keyof typeof numbers]: RecordClass }

const names = new Map(Object.entries(numbers).map(([name, number]) => [number as number, name]))

/** The name of the class; `CLASS32` for those without (RFC 3597 §5). */
export function formatRecordClass(recordClass: RecordClass): string {
  return names.get(recordClass) ?? `CLASS${recordClass}`
}

/** @throws {RecordClassSyntaxError} when it is neither a known name (in any case) nor `CLASS…`. */
export function parseRecordClass(text: string): RecordClass {
  const parsed = tryParseRecordClass(text)
  if (parsed === undefined) throw new RecordClassSyntaxError(text)
  return parsed
}

export function tryParseRecordClass(text: string): RecordClass | undefined {
  const upper = text.toUpperCase()
  if (Object.hasOwn(numbers, upper)) return recordClass[upper as keyof typeof numbers]
  const number = Number(/^CLASS(\d{1,5})$/.exec(upper)?.[1] ?? Number.NaN)
  return number <= 0xffff ? (number as RecordClass) : undefined
}

/** The class that a message carries as this number. */
export function recordClassOf(number: number): RecordClass {
  return number as RecordClass
}
