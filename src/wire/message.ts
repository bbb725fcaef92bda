import { CodedError } from '../base/coded-error.ts'
import { type Edns, readEdns } from './edns.ts'
import { encodeLeading } from './encode-leading.ts'
import { type Header, type HeaderFields, readHeader } from './header.ts'
import { minQuestionOctets, type Question, readQuestion } from './question.ts'
import { Reader, WireFormatError } from './reader.ts'
import { minRecordOctets, type ResourceRecord, readRecordRest, readRecordStart } from './record.ts'
import { recordType } from './record-type.ts'

/** A DNS message (RFC 1035 §4.1). Its `rcode` has all twelve bits when there is EDNS. */
export interface Message extends HeaderFields {
  readonly questions: readonly Question[]
  readonly answers: readonly ResourceRecord[]
  readonly authorities: readonly ResourceRecord[]
  /** Without the OPT record, which is `edns`. */
  readonly additionals: readonly ResourceRecord[]
  readonly edns?: Edns | undefined
}

/** The message needs more octets than it may have. */
export class MessageTooLargeError extends CodedError {
  override readonly code = 'WIRE_TOO_LARGE'

  constructor(limitOctets: number) {
    super(`the message does not fit into ${limitOctets} octets`)
  }
}

/** What the length field of TCP can say (RFC 1035 §4.2.2). */
export const maxMessageOctets = 0xffff

/**
 * Reads a whole message. Nothing in the result refers to `octets`: the caller may reuse them.
 *
 * Strict: sections must fill the message exactly, and OPT may stand once, in the additional section.
 * @throws {WireFormatError} when anything is malformed; nothing else is thrown.
 */
export function decodeMessage(octets: Uint8Array): Message {
  const reader = new Reader(octets)
  const { counts, ...fields } = readHeader(reader)
  checkCounts(reader, counts)
  const questions = Array.from({ length: counts.questions }, () => readQuestion(reader))
  const answers = readRecords(reader, counts.answers)
  const authorities = readRecords(reader, counts.authorities)
  const additionals: ResourceRecord[] = []
  let found: ReturnType<typeof readEdns> | undefined
  for (let read = 0; read < counts.additionals; read += 1) {
    const at = reader.offset
    const start = readRecordStart(reader)
    if (start.type !== recordType.OPT) {
      additionals.push(readRecordRest(start))
      continue
    }
    if (found) throw new WireFormatError('a second OPT record', at)
    found = readEdns(start, fields.rcode)
  }
  reader.expectEnd('the last record')
  return { ...fields, questions, answers, authorities, additionals, ...found }
}

/**
 * Writes a whole message, names compressed; `limitOctets` is 65535 unless given.
 * @throws {MessageTooLargeError} when it does not fit; `encodeWithin` leaves something out instead.
 * @throws {WireValueError} when a value does not fit its field.
 */
export function encodeMessage(
  message: Message,
  options: { readonly limitOctets?: number } = {},
): Uint8Array {
  const { limitOctets = maxMessageOctets } = options
  const encoded = encodeLeading(message, Math.min(limitOctets, maxMessageOctets))
  if (!encoded?.complete) throw new MessageTooLargeError(limitOctets)
  return encoded.octets
}

/** Refuses counts that the message has no room for, before anything is made for them. */
function checkCounts(reader: Reader, counts: Header['counts']): void {
  const records = counts.answers + counts.authorities + counts.additionals
  const needed = counts.questions * minQuestionOctets + records * minRecordOctets
  if (needed <= reader.remaining) return
  throw new WireFormatError('more questions and records announced than fit', 4)
}

function readRecords(reader: Reader, count: number): ResourceRecord[] {
  const records: ResourceRecord[] = []
  for (let read = 0; read < count; read += 1) {
    const at = reader.offset
    const start = readRecordStart(reader)
    if (start.type === recordType.OPT) {
      throw new WireFormatError('an OPT record outside of the additional section', at)
    }
    records.push(readRecordRest(start))
  }
  return records
}
