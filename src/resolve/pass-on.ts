import { encodeMessage, type Message } from '../wire/message.ts'
import { type Rcode, rcode } from '../wire/rcode.ts'
import { encodeWithin } from '../wire/truncate.ts'
import { questionEndOf } from './answer-octets.ts'
import { tryReadMessage } from './read-message.ts'
import type { RelayedQuery } from './relayed.ts'

/**
 * Makes an upstream's reply the client's: its ID, its size, EDNS only where it used EDNS.
 *
 * Where nothing must change, the octets are those of the upstream, every section and the rcode
 * included. The reply's octets are used up.
 */
export function passOn(query: RelayedQuery, reply: Uint8Array, limitOctets: number): Uint8Array {
  const { message, prefix } = query
  const mayHaveEdns = ((reply[10] ?? 0) | (reply[11] ?? 0)) !== 0
  const mustChange = prefix !== undefined || (message.edns === undefined && mayHaveEdns)
  if (!mustChange && reply.length <= limitOctets) return withId(reply, message.id)
  const decoded = tryReadMessage(reply)
  if (!decoded) return undecodable(query, reply, limitOctets)
  const hasUnasked = message.edns === undefined && decoded.edns !== undefined
  if (!prefix && !hasUnasked && reply.length <= limitOctets) return withId(reply, message.id)
  const { edns, ...plain } = decoded
  const kept: Message = message.edns !== undefined && edns !== undefined ? decoded : plain
  const answers = [...(prefix ?? []), ...decoded.answers]
  const questions = message.questions
  const code = prefix === undefined ? decoded.rcode : rcodeOfChain(decoded.rcode)
  return encodeWithin({ ...kept, id: message.id, rcode: code, questions, answers }, limitOctets)
}

/** The alias exists although nothing is behind it: so says kube-dns, and so do those who ask no further. */
function rcodeOfChain(last: Rcode): Rcode {
  return last === rcode.NXDOMAIN ? rcode.NOERROR : last
}

/** What we cannot read is the client's to judge; what does not fit, it asks for again by TCP. No alias leads to it. */
function undecodable(
  { octets: query, message, prefix }: RelayedQuery,
  reply: Uint8Array,
  limitOctets: number,
): Uint8Array {
  if (prefix === undefined && reply.length <= limitOctets) return withId(reply, message.id)
  const rest = prefix === undefined ? { truncated: true } : { rcode: rcode.SERVFAIL }
  const own = encodeMessage({ ...message, response: true, ...rest })
  own.set(query.subarray(12, questionEndOf(query)), 12)
  return own
}

function withId(reply: Uint8Array, id: number): Uint8Array {
  reply[0] = id >> 8
  reply[1] = id & 0xff
  return reply
}
