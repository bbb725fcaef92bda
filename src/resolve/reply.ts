import type { Edns } from '../wire/edns.ts'
import { type ExtendedError, extendedErrorOption } from '../wire/extended-error.ts'
import type { Message } from '../wire/message.ts'
import { opcode } from '../wire/opcode.ts'
import type { Rcode } from '../wire/rcode.ts'

interface ReplyParts {
  readonly rcode: Rcode
  readonly answers?: Message['answers']
  readonly authorities?: Message['authorities']
  readonly additionals?: Message['additionals']
  readonly authoritative?: boolean
  /** Why it failed, for those who can read it. */
  readonly reason?: ExtendedError
}

/**
 * A reply of our own to a query: ID, opcode, RD and CD as asked, RA set, the question in its own
 * case, EDNS answered with EDNS.
 */
export function replyTo(query: Message, udpPayloadOctets: number, parts: ReplyParts): Message {
  return {
    id: query.id,
    response: true,
    opcode: query.opcode,
    authoritative: parts.authoritative ?? false,
    truncated: false,
    recursionDesired: query.recursionDesired,
    recursionAvailable: true,
    authenticData: false,
    checkingDisabled: query.checkingDisabled,
    rcode: parts.rcode,
    questions: query.questions,
    answers: parts.answers ?? [],
    authorities: parts.authorities ?? [],
    additionals: parts.additionals ?? [],
    ...(query.edns ? { edns: ednsOf(query.edns, udpPayloadOctets, parts.reason) } : {}),
  }
}

/** Header only: for queries whose body nobody can read (RFC 1035 §4.1.1). The query has 12 octets at least. */
export function bareReply(query: Uint8Array, code: Rcode): Uint8Array {
  const reply = new Uint8Array(12)
  reply.set(query.subarray(0, 2))
  const flags = query[2] ?? 0
  reply[2] = 0x80 | (flags & 0x79)
  reply[3] = 0x80 | ((query[3] ?? 0) & 0x10) | (code & 0x0f)
  return reply
}

export function isPlainQuery(octets: Uint8Array): boolean {
  return (((octets[2] ?? 0) >> 3) & 0x0f) === opcode.QUERY
}

function ednsOf(asked: Edns, udpPayloadOctets: number, reason: ExtendedError | undefined): Edns {
  return {
    udpPayloadOctets,
    version: 0,
    dnssecOk: asked.dnssecOk,
    options: reason ? [extendedErrorOption(reason)] : [],
  }
}
