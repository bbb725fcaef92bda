import { type Name, readName, writeName } from './name.ts'
import type { Reader } from './reader.ts'
import { type RecordClass, recordClassOf } from './record-class.ts'
import { type RecordType, recordTypeOf } from './record-type.ts'
import type { Writer } from './writer.ts'

/** One entry of the question section (RFC 1035 §4.1.2). */
export interface Question {
  readonly name: Name
  readonly type: RecordType
  readonly class: RecordClass
}

/** Octets of the shortest question: the root, type and class. */
export const minQuestionOctets = 5

/** @throws {WireFormatError} when the message ends early or the name is malformed. */
export function readQuestion(reader: Reader): Question {
  const name = readName(reader)
  const type = recordTypeOf(reader.u16())
  return { name, type, class: recordClassOf(reader.u16()) }
}

export function writeQuestion(writer: Writer, question: Question): void {
  writeName(writer, question.name)
  writer.u16(question.type)
  writer.u16(question.class)
}
