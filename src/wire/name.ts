import type { Brand } from '../base/brand.ts'
import { CodedError } from '../base/coded-error.ts'
import { maxNameText, octetAt, putEscaped, widthAt } from './label-text.ts'
import { type Reader, WireFormatError } from './reader.ts'
import type { Writer } from './writer.ts'

/**
 * A domain name in the one absolute text form: it ends in a dot, the root is `.`, the case is kept.
 *
 * A dot or backslash inside a label is written `\.` and `\\`, an octet that is not printable ASCII
 * `\DDD` (RFC 1035 §5.1); nothing else is escaped, so equal names of equal case are equal strings.
 */
export type Name = Brand<string, 'Name'>

/** The text is not a domain name. */
export class NameSyntaxError extends CodedError {
  override readonly code = 'WIRE_NAME_SYNTAX'

  constructor(text: string) {
    super(`not a domain name: ${JSON.stringify(text)}`, {
      hint: 'Labels have 1 to 63 octets, a name at most 255; write other octets as \\DDD.',
    })
  }
}

/** Octets of a label, and of a whole name with its length octets (RFC 1035 §2.3.4). */
const maxLabelOctets = 63
export const maxNameOctets = 255

/** No sensible name needs more: 127 labels fit, and every pointer should bring one. */
const maxPointers = 127

const dot = 0x2e

/** Where the text of the one name that is being read is put together. */
const scratch = Buffer.alloc(maxNameText)

export const rootName = '.' as Name

/** @throws {NameSyntaxError} when the text is not a domain name; the last dot may be missing. */
export function parseName(text: string): Name {
  const name = tryParseName(text)
  if (name === undefined) throw new NameSyntaxError(text)
  return name
}

export function tryParseName(text: string): Name | undefined {
  if (text === '.') return rootName
  let length = 0
  let labelOctets = 0
  let nameOctets = 1
  for (let at = 0; at < text.length; at += widthAt(text, at)) {
    if (text[at] === '.') {
      if (labelOctets === 0) return undefined
      scratch[length] = dot
      length += 1
      labelOctets = 0
      continue
    }
    const octet = octetAt(text, at)
    if (octet < 0) return undefined
    nameOctets += labelOctets === 0 ? 2 : 1
    labelOctets += 1
    if (labelOctets > maxLabelOctets || nameOctets > maxNameOctets) return undefined
    length = putEscaped(scratch, length, octet)
  }
  if (length === 0) return undefined
  if (labelOctets > 0) {
    scratch[length] = dot
    length += 1
  }
  return scratch.toString('latin1', 0, length) as Name
}

/** The form to compare by: names that differ only in the case of ASCII letters have the same (RFC 4343). */
export function nameKey(name: Name): string {
  return name.toLowerCase()
}

/** The labels as they stand in the text, escapes included; none for the root. */
export function labelsOf(name: Name): string[] {
  if (name === '.') return []
  return name.includes('\\')
    ? (name.match(/(?:\\\d{3}|\\.|[^.\\])+/g) ?? [])
    : name.slice(0, -1).split('.')
}

/**
 * Reads a name and leaves the reader behind it; pointers are followed (RFC 1035 §4.1.4).
 *
 * Each pointer must lead to an octet before the place where the piece of name that it ends began,
 * so the way is finite.
 * @throws {WireFormatError} when the name is malformed, too long, or ends outside of what may be read.
 */
export function readName(reader: Reader): Name {
  const { message, names } = reader
  const start = reader.offset
  let key = start
  let length = 0
  let nameOctets = 1
  let pieceStart = start
  let pointers = 0
  let end = reader.end
  let at = start
  for (;;) {
    if (at >= end) throw new WireFormatError('a name ends early', at)
    const first = message[at] ?? 0
    if (first === 0) break
    if (first >= 0xc0) {
      if (at + 1 >= end) throw new WireFormatError('a name ends early', at)
      const target = ((first & 0x3f) << 8) | (message[at + 1] ?? 0)
      if (target >= pieceStart) throw new WireFormatError('a pointer does not point back', at)
      if (pointers === maxPointers) throw new WireFormatError('a name has too many pointers', at)
      if (pointers === 0) reader.skip(at + 2 - start)
      if (length === 0) {
        const known = names.get(target)
        if (known !== undefined) return known
        key = target
      }
      pointers += 1
      pieceStart = target
      at = target
      end = message.length
      continue
    }
    if (first > maxLabelOctets) throw new WireFormatError('a label of unknown kind', at)
    if (at + first >= end) throw new WireFormatError('a label ends early', at)
    nameOctets += 1 + first
    if (nameOctets > maxNameOctets) {
      throw new WireFormatError('a name of more than 255 octets', start)
    }
    const next = at + 1 + first
    for (at += 1; at < next; at += 1) length = putEscaped(scratch, length, message[at] ?? 0)
    scratch[length] = dot
    length += 1
  }
  if (pointers === 0) reader.skip(at + 1 - start)
  const name = length === 0 ? rootName : (scratch.toString('latin1', 0, length) as Name)
  names.set(key, name)
  return name
}

/**
 * Reads a name that must stand in full, as the types defined since RFC 3597 demand.
 * @throws {WireFormatError} also when it has a pointer.
 */
export function readWholeName(reader: Reader): Name {
  const start = reader.offset
  const name = readName(reader)
  // A pointer takes two octets, and no end of a name that it could stand for does.
  if (reader.offset - start === octetsOfName(name)) return name
  throw new WireFormatError('a compressed name where none may be', start)
}

/** Writes a name, its end as a pointer where the same end (in the same case) was written before. */
export function writeName(writer: Writer, name: Name): void {
  const length = name === rootName ? 0 : name.length
  for (let at = 0; at < length; ) {
    const suffix = name.slice(at)
    const known = writer.nameAt(suffix)
    if (known !== undefined) {
      writer.u16(0xc000 | known)
      return
    }
    writer.rememberName(suffix)
    at = writeLabel(writer, name, at)
  }
  writer.u8(0)
}

/** Writes a name in full, for the types whose names must not be compressed (RFC 3597 §4). */
export function writeWholeName(writer: Writer, name: Name): void {
  const length = name === rootName ? 0 : name.length
  for (let at = 0; at < length; ) at = writeLabel(writer, name, at)
  writer.u8(0)
}

/** How many octets the name takes in a message when nothing of it is compressed. */
export function octetsOfName(name: Name): number {
  if (name === rootName) return 1
  let octets = 1
  for (let at = 0; at < name.length; at += widthAt(name, at)) octets += 1
  return octets
}

/** Writes the label that begins at `at` of the text and says where the next one begins. */
function writeLabel(writer: Writer, name: Name, at: number): number {
  const lengthAt = writer.length
  writer.u8(0)
  for (; name.charCodeAt(at) !== dot; at += widthAt(name, at)) writer.u8(octetAt(name, at))
  writer.patch8(lengthAt, writer.length - lengthAt - 1)
  return at + 1
}
