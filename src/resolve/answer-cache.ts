import type { Hostname } from '../registry/hostname.ts'
import { hashQuestion, type QueryScan, sameQuestion } from '../wire/scan.ts'

/** Records of one size at the end of the question that take turns at being first. */
export interface Rotation {
  readonly count: number
  readonly recordOctets: number
}

/** A ready-made answer. Its octets hold the question in lower case and an ID that means nothing. */
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
   * when it is longer than `limitOctets`.
   */
  answer(query: Uint8Array, scan: QueryScan, out: Uint8Array, limitOctets: number): number {
    let entry = this.#chains.get(hashQuestion(query, scan.questionEnd))
    while (entry !== undefined && !isFor(entry, query, scan)) entry = entry.next
    if (entry === undefined) return 0
    const { octets, questionEnd, rotation } = entry
    if (octets.length > limitOctets || octets.length > out.length) return 0
    out.set(octets, 0)
    out[0] = query[0] as number
    out[1] = query[1] as number
    out[2] = (octets[2] as number) | ((query[2] as number) & recursionDesired)
    out[3] = (octets[3] as number) | ((query[3] as number) & checkingDisabled)
    for (let at = 12; at < questionEnd; at += 1) out[at] = query[at] as number
    if (rotation !== undefined) rotate(entry, rotation, out)
    return octets.length
  }

  store(answer: CachedAnswer): void {
    if (this.#capacity === 0) return
    while (this.#size >= this.#capacity) this.#dropOldest()
    const hash = hashQuestion(answer.octets, answer.questionEnd)
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

/** Bits of the third and fourth octet of the header (RFC 1035 §4.1.1, RFC 4035 §3.2.2). */
const recursionDesired = 0x01
const checkingDisabled = 0x10

function isFor(entry: Entry, query: Uint8Array, scan: QueryScan): boolean {
  return (
    entry.questionEnd === scan.questionEnd &&
    entry.hasEdns === scan.hasEdns &&
    entry.dnssecOk === scan.dnssecOk &&
    sameQuestion(query, entry.octets, scan.questionEnd)
  )
}

/** Copies the records so that each is first equally often. */
function rotate(entry: Entry, { count, recordOctets }: Rotation, out: Uint8Array): void {
  const { octets, questionEnd, turn } = entry
  entry.turn = turn + 1 === count ? 0 : turn + 1
  const total = count * recordOctets
  const skip = turn * recordOctets
  for (let at = 0; at < total; at += 1) {
    const from = at + skip < total ? at + skip : at + skip - total
    out[questionEnd + at] = octets[questionEnd + from] as number
  }
}

function chainLength(first: Entry | undefined): number {
  let length = 0
  for (let entry = first; entry; entry = entry.next) length += 1
  return length
}
