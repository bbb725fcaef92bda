import { encodeLeading } from '../wire/encode-leading.ts'
import { type Message, maxMessageOctets } from '../wire/message.ts'
import { encodeWithin } from '../wire/truncate.ts'
import type { Rotation } from './answer-cache.ts'
import type { LocalAnswer } from './local-records.ts'

const optOctets = 11

/** Offset behind the one question of a message that we encoded ourselves. */
export function questionEndOf(octets: Uint8Array): number {
  let at = 12
  while ((octets[at] ?? 0) !== 0) at += (octets[at] ?? 0) + 1
  return at + 5
}

/** Of one kept answer: some 16,000 addresses. */
const maxReadyOctets = 0x4_0000

/**
 * The octets to keep of an answer: all of it, also where that is more than a message can have, if its records take
 * turns; else what a message can have.
 */
export function readyOctets(
  reply: Message,
  local: LocalAnswer,
  options: { readonly hasEdns: boolean },
): { readonly octets: Uint8Array; readonly rotation?: Rotation } {
  const whole = encodeLeading(reply, maxReadyOctets)?.octets
  const rotation = whole && rotationOf(local, whole, options)
  if (rotation) return { octets: whole, rotation }
  const fits = whole && whole.length <= maxMessageOctets
  return { octets: fits ? whole : encodeWithin(reply, maxMessageOctets) }
}

/** How the address records of an encoded answer take turns; `undefined` when there is no choice. */
function rotationOf(
  answer: LocalAnswer,
  octets: Uint8Array,
  options: { readonly hasEdns: boolean },
): Rotation | undefined {
  const [first] = answer.answers
  const kind = first?.data.kind
  if (kind !== 'A' && kind !== 'AAAA') return undefined
  const count = answer.answers.length
  const recordOctets = kind === 'A' ? 16 : 28
  const total = questionEndOf(octets) + count * recordOctets + (options.hasEdns ? optOctets : 0)
  return count > 1 && total === octets.length ? { count, recordOctets } : undefined
}

/** Makes a ready-made answer the answer to this query: its ID, RD, CD, and the case of its name. */
export function addressTo(query: Uint8Array, answer: Uint8Array, questionEnd: number): Uint8Array {
  answer[0] = query[0] ?? 0
  answer[1] = query[1] ?? 0
  answer[2] = ((answer[2] ?? 0) & 0xfe) | ((query[2] ?? 0) & 0x01)
  answer[3] = ((answer[3] ?? 0) & 0xef) | ((query[3] ?? 0) & 0x10)
  answer.set(query.subarray(12, questionEnd), 12)
  return answer
}
