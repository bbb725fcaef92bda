import { octetsOfEdns, writeEdns } from './edns.ts'
import { fillHeader, headerOctets } from './header.ts'
import type { Message } from './message.ts'
import { writeQuestion } from './question.ts'
import { type ResourceRecord, writeRecord } from './record.ts'
import { checked, Writer } from './writer.ts'

export interface Encoded {
  readonly octets: Uint8Array
  /** Whether every record is in it. */
  readonly complete: boolean
}

/**
 * Writes header, questions and OPT, and as many records as fit, from the first answer on.
 *
 * The first record that does not fit ends it, so nothing stands without what comes before it.
 * TC is set when something is missing. `undefined` when not even the questions and OPT fit.
 * @throws {WireValueError} when a value does not fit its field.
 */
export function encodeLeading(message: Message, limitOctets: number): Encoded | undefined {
  const { questions, answers, authorities, additionals, edns, rcode } = message
  checked('rcode', rcode, edns ? 0xfff : 0xf)
  const writer = new Writer()
  writer.octets(new Uint8Array(headerOctets))
  const beforeOpt = limitOctets - (edns ? octetsOfEdns(edns) : 0)
  for (const question of questions) {
    writeQuestion(writer, question)
    if (writer.length > beforeOpt) return undefined
  }
  if (writer.length > beforeOpt) return undefined

  const kept = { answers: 0, authorities: 0, additionals: 0 }
  kept.answers = writeFitting(writer, answers, beforeOpt)
  let complete = kept.answers === answers.length
  if (complete) kept.authorities = writeFitting(writer, authorities, beforeOpt)
  complete &&= kept.authorities === authorities.length
  // OPT comes before other additional records: a TSIG among them must stay the last (RFC 8945 §5.1).
  if (edns) writeEdns(writer, edns, rcode)
  if (complete) kept.additionals = writeFitting(writer, additionals, limitOctets)
  complete &&= kept.additionals === additionals.length

  const truncated = message.truncated || !complete
  const inAdditional = kept.additionals + (edns ? 1 : 0)
  const counts = { ...kept, questions: questions.length, additionals: inAdditional }
  fillHeader(writer, { ...message, truncated }, counts)
  return { octets: writer.finish(), complete }
}

/** Writes records until one reaches over the limit; says how many were written. */
function writeFitting(
  writer: Writer,
  records: readonly ResourceRecord[],
  limitOctets: number,
): number {
  for (const [index, record] of records.entries()) {
    const start = writer.length
    writeRecord(writer, record)
    if (writer.length > limitOctets) {
      writer.rewind(start)
      return index
    }
  }
  return records.length
}
