import type { Hostname } from '../registry/hostname.ts'
import { hashQuestion, type QueryScan, sameQuestion } from '../wire/scan.ts'

/** Records of one size at the end of the question that take turns at being first. */
export interface Rotation {
  readonly count: number
  readonly recordOctets: number
}

/**
 * A ready-made answer. Its octets hold the question in lower case and an ID that means nothing; with a rotation they
 * may be more than a message can have.
 */
export interface CachedAnswer {
  /** What it depends on; dropped when this changes. */
  readonly host: Hostname | undefined
  /** The question's name, lower case, without the last dot. */
  readonly name: string
  readonly octets: Uint8Array
  /** Offset of the first octet behind the question. */
  readonly questionEnd: number
  readonly hasEdns: boolean
  readonly dnssecOk: boolean
  readonly rotation?: Rotation
}

interface Entry extends CachedAnswer {
  /** Which address goes first next time. */
  turn: number
  /** Another question with the same hash. */
  next: Entry | undefined
}

/** Questions that share a hash, at most; more are simply not kept. */
const longestChain = 4

/**
 * Ready-made answers under their question: name in any case, type, class, and the EDNS facts that
 * change the answer. Finding one and copying it out allocates nothing.
 */
export class AnswerCache {
  readonly #capacity: number
  /** By hash; in order of age. */
  readonly #chains = new Map<number, Entry>()
  #size = 0

  constructor(capacity: number) {
    this.#capacity = capacity
  }

  get size(): number {
    return this.#size
  }

  /**
   * Writes the answer to a scanned query into `out` and returns its length; 0 when there is none, or
   * when it cannot be cut and is longer than `limitOctets`.
   */
  answer(query: Uint8Array, scan: QueryScan, out: Uint8Array, limitOctets: number): number {
    let entry = this.#chains.get(hashQuestion(query, scan.questionEnd))
    while (entry !== undefined && !isFor(entry, query, scan)) entry = entry.next
    if (entry === undefined) return 0
    const { octets, questionEnd, rotation } = entry
    if (Math.min(octets.length, limitOctets) > out.length) return 0
    let length = octets.length
    if (rotation !== undefined) length = copyTurned(entry, rotation, out, limitOctets)
    else if (length <= limitOctets) out.set(octets, 0)
    else return 0
    out[0] = query[0] as number
    out[1] = query[1] as number
    out[2] = ((out[2] as number) & ~recursionDesired) | ((query[2] as number) & recursionDesired)
    out[3] = ((out[3] as number) & ~checkingDisabled) | ((query[3] as number) & checkingDisabled)
    for (let at = headerOctets; at < questionEnd; at += 1) out[at] = query[at] as number
    return length
  }

  /** What is kept already stays as it is. */
  store(answer: CachedAnswer): void {
    if (this.#capacity === 0) return
    const hash = hashQuestion(answer.octets, answer.questionEnd)
    for (let kept = this.#chains.get(hash); kept; kept = kept.next) {
      if (isFor(kept, answer.octets, answer)) return
    }
    while (this.#size >= this.#capacity) this.#dropOldest()
    const first = this.#chains.get(hash)
    if (chainLength(first) >= longestChain) return
    this.#chains.set(hash, { ...answer, turn: 1, next: first })
    this.#size += 1
  }

  /** Drops every answer that the test names. */
  dropWhere(test: (answer: CachedAnswer) => boolean): void {
    for (const [hash, first] of this.#chains) {
      let kept: Entry | undefined
      let size = 0
      for (let entry: Entry | undefined = first; entry; entry = entry.next) {
        if (test(entry)) continue
        kept = { ...entry, next: kept }
        size += 1
      }
      const before = chainLength(first)
      if (size === before) continue
      this.#size -= before - size
      if (kept) this.#chains.set(hash, kept)
      else this.#chains.delete(hash)
    }
  }

  #dropOldest(): void {
    const oldest = this.#chains.entries().next().value
    if (!oldest) return
    this.#chains.delete(oldest[0])
    this.#size -= chainLength(oldest[1])
  }
}

const headerOctets = 12

/** Bits of the third and fourth octet of the header (RFC 1035 §4.1.1, RFC 4035 §3.2.2). */
const truncated = 0x02
const recursionDesired = 0x01
const checkingDisabled = 0x10

function isFor(
  entry: Entry,
  query: Uint8Array,
  scan: Pick<QueryScan, 'questionEnd' | 'hasEdns' | 'dnssecOk'>,
): boolean {
  return (
    entry.questionEnd === scan.questionEnd &&
    entry.hasEdns === scan.hasEdns &&
    entry.dnssecOk === scan.dnssecOk &&
    sameQuestion(query, entry.octets, scan.questionEnd)
  )
}

/** Copies all but the question, so that each record is first equally often, and as many as there is room for. */
function copyTurned(
  entry: Entry,
  { count, recordOctets }: Rotation,
  out: Uint8Array,
  limitOctets: number,
): number {
  const { octets, questionEnd, turn } = entry
  entry.turn = turn + 1 === count ? 0 : turn + 1
  const recordsEnd = questionEnd + count * recordOctets
  const restOctets = octets.length - recordsEnd
  const room = Math.floor((limitOctets - questionEnd - restOctets) / recordOctets)
  const shown = Math.min(count, room)
  for (let at = 0; at < headerOctets; at += 1) out[at] = octets[at] as number
  if (shown < count) {
    out[2] = (out[2] as number) | truncated
    out[6] = shown >> 8
    out[7] = shown & 0xff
  }
  const end = questionEnd + shown * recordOctets
  let from = questionEnd + turn * recordOctets
  for (let at = questionEnd; at < end; at += 1) {
    out[at] = octets[from] as number
    from = from + 1 === recordsEnd ? questionEnd : from + 1
  }
  for (let at = 0; at < restOctets; at += 1) out[end + at] = octets[recordsEnd + at] as number
  return end + restOctets
}

function chainLength(first: Entry | undefined): number {
  let length = 0
  for (let entry = first; entry; entry = entry.next) length += 1
  return length
}
