import { type Opcode, opcodeOf } from './opcode.ts'
import { type Rcode, rcodeOf } from './rcode.ts'
import { Reader } from './reader.ts'
import { checked, type Writer } from './writer.ts'

/** What the first four octets of a message say (RFC 1035 §4.1.1, RFC 4035 §3.1.6). */
export interface HeaderFields {
  readonly id: number
  /** QR: an answer, not a question. */
  readonly response: boolean
  readonly opcode: Opcode
  readonly authoritative: boolean
  readonly truncated: boolean
  readonly recursionDesired: boolean
  readonly recursionAvailable: boolean
  readonly authenticData: boolean
  readonly checkingDisabled: boolean
  readonly rcode: Rcode
}

/** How many entries each section has. */
export interface SectionCounts {
  readonly questions: number
  readonly answers: number
  readonly authorities: number
  readonly additionals: number
}

/** The header as it stands; its `rcode` has only the four bits that fit there. */
export interface Header extends HeaderFields {
  readonly counts: SectionCounts
}

export const headerOctets = 12

/** Bits of the second 16-bit word. */
export const headerFlag = {
  response: 0x8000,
  authoritative: 0x0400,
  truncated: 0x0200,
  recursionDesired: 0x0100,
  recursionAvailable: 0x0080,
  authenticData: 0x0020,
  checkingDisabled: 0x0010,
} as const

/**
 * The header of octets whose rest may be malformed, so that they can be refused by a proper answer;
 * `undefined` when there are too few.
 */
export function tryDecodeHeader(octets: Uint8Array): Header | undefined {
  return octets.length < headerOctets ? undefined : readHeader(new Reader(octets))
}

/** @throws {WireFormatError} when there are less than 12 octets. */
export function readHeader(reader: Reader): Header {
  const id = reader.u16()
  const flags = reader.u16()
  return {
    id,
    response: (flags & headerFlag.response) !== 0,
    opcode: opcodeOf((flags >> 11) & 0xf),
    authoritative: (flags & headerFlag.authoritative) !== 0,
    truncated: (flags & headerFlag.truncated) !== 0,
    recursionDesired: (flags & headerFlag.recursionDesired) !== 0,
    recursionAvailable: (flags & headerFlag.recursionAvailable) !== 0,
    authenticData: (flags & headerFlag.authenticData) !== 0,
    checkingDisabled: (flags & headerFlag.checkingDisabled) !== 0,
    rcode: rcodeOf(flags & 0xf),
    counts: {
      questions: reader.u16(),
      answers: reader.u16(),
      authorities: reader.u16(),
      additionals: reader.u16(),
    },
  }
}

/**
 * Fills in the first twelve octets, which were left free, with the low four bits of the rcode.
 * @throws {WireValueError} when the ID does not fit 16 bits, or the opcode four.
 */
export function fillHeader(writer: Writer, fields: HeaderFields, counts: SectionCounts): void {
  writer.patch16(0, checked('id', fields.id, 0xffff))
  writer.patch16(
    2,
    (fields.response ? headerFlag.response : 0) |
      (checked('opcode', fields.opcode, 0xf) << 11) |
      (fields.authoritative ? headerFlag.authoritative : 0) |
      (fields.truncated ? headerFlag.truncated : 0) |
      (fields.recursionDesired ? headerFlag.recursionDesired : 0) |
      (fields.recursionAvailable ? headerFlag.recursionAvailable : 0) |
      (fields.authenticData ? headerFlag.authenticData : 0) |
      (fields.checkingDisabled ? headerFlag.checkingDisabled : 0) |
      (fields.rcode & 0xf),
  )
  writer.patch16(4, counts.questions)
  writer.patch16(6, counts.answers)
  writer.patch16(8, counts.authorities)
  writer.patch16(10, counts.additionals)
}
