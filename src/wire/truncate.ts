import type { Edns } from './edns.ts'
import { encodeLeading } from './encode-leading.ts'
import { withoutExtendedErrors } from './extended-error.ts'
import { type Message, MessageTooLargeError, maxMessageOctets } from './message.ts'

/**
 * Writes a message into at most `limitOctets`, with as many leading records as fit: answers, then
 * authorities, then additionals.
 *
 * The OPT record is always kept, though not all of its options: when the whole does not fit, extended
 * errors go before any record does (RFC 8914 §3), and other options when there is no room for them
 * beside the questions. TC is set when anything was left out, or was set already.
 * @throws {MessageTooLargeError} when the questions and a bare OPT record alone are too large.
 * @throws {WireValueError} when a value does not fit its field.
 */
export function encodeWithin(message: Message, limitOctets: number): Uint8Array {
  const limit = Math.min(limitOctets, maxMessageOctets)
  const whole = encodeLeading(message, limit)
  if (whole?.complete) return whole.octets
  for (const edns of smallerEdns(message.edns)) {
    const part = encodeLeading({ ...message, truncated: true, edns }, limit)
    if (part) return part.octets
  }
  throw new MessageTooLargeError(limitOctets)
}

function smallerEdns(edns: Edns | undefined): readonly (Edns | undefined)[] {
  return edns ? [withoutExtendedErrors(edns), { ...edns, options: [] }] : [undefined]
}
