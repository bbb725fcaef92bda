import { rcode } from '../wire/rcode.ts'

/**
 * What an upstream's message means for the query it claims to answer.
 *
 * `stranger`: not a reply to it; `refused`: another server may do better; `truncated`: TCP will.
 */
export type Verdict = 'good' | 'refused' | 'truncated' | 'stranger'

/** Compares ID, direction and question (RFC 5452 §9.1); both are whole messages. */
export function judgeReply(query: Uint8Array, reply: Uint8Array): Verdict {
  if (reply.length < 12 || ((reply[2] ?? 0) & 0x80) === 0) return 'stranger'
  if (reply[0] !== query[0] || reply[1] !== query[1]) return 'stranger'
  const code = (reply[3] ?? 0) & 0x0f
  if (!hasQuestionOf(query, reply)) {
    const isBare = reply[4] === 0 && reply[5] === 0
    return isBare && (code === rcode.FORMERR || code === rcode.NOTIMP) ? 'good' : 'stranger'
  }
  if (code === rcode.SERVFAIL || code === rcode.REFUSED) return 'refused'
  return ((reply[2] ?? 0) & 0x02) !== 0 ? 'truncated' : 'good'
}

/** The same single question, whatever the case of its letters. The query is one that we checked. */
function hasQuestionOf(query: Uint8Array, reply: Uint8Array): boolean {
  if (reply[4] !== 0 || reply[5] !== 1) return false
  let at = 12
  for (;;) {
    const length = query[at] ?? 0
    for (const end = at + length; at <= end; at += 1) {
      if (lowerCase(query[at] ?? 0) !== lowerCase(reply[at] ?? -1)) return false
    }
    if (length === 0) break
  }
  for (const end = at + 4; at < end; at += 1) if (query[at] !== reply[at]) return false
  return true
}

function lowerCase(octet: number): number {
  return octet >= 0x41 && octet <= 0x5a ? octet | 0x20 : octet
}
