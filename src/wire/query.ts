import type { Message } from './message.ts'
import { opcode } from './opcode.ts'
import type { Question } from './question.ts'
import { rcode } from './rcode.ts'

/** A query as a stub sends it (RFC 1035 §4.1): ID 0, recursion desired, no EDNS, but for what `fields` say. */
export function queryOf(question: Question, fields: Partial<Message> = {}): Message {
  return {
    id: 0,
    response: false,
    opcode: opcode.QUERY,
    authoritative: false,
    truncated: false,
    recursionDesired: true,
    recursionAvailable: false,
    authenticData: false,
    checkingDisabled: false,
    rcode: rcode.NOERROR,
    questions: [question],
    answers: [],
    authorities: [],
    additionals: [],
    ...fields,
  }
}
