import { dnssecOkFlag, minUdpPayloadOctets } from './edns.ts'
import { headerFlag, headerOctets } from './header.ts'
import { maxNameOctets } from './name.ts'
import { type RecordClass, recordClassOf } from './record-class.ts'
import { type RecordType, recordType, recordTypeOf } from './record-type.ts'

/** What `scanQuery` found; one object serves all queries. */
export interface QueryScan {
  /** The second 16-bit word of the header; only RD, AD and CD can be set. */
  flags: number
  /** First octet behind the question. */
  questionEnd: number
  /** Labels of the name, the root not counted. */
  labelCount: number
  qtype: RecordType
  qclass: RecordClass
  hasEdns: boolean
  dnssecOk: boolean
  /** What the client takes over UDP: 512 without EDNS, and at least. */
  udpPayloadOctets: number
  /** Octets of all EDNS options; 0 means that there are none. */
  optionOctets: number
}

/** Room for the findings of `scanQuery`. */
export function createQueryScan(): QueryScan {
  return {
    flags: 0,
    questionEnd: headerOctets,
    labelCount: 0,
    qtype: recordTypeOf(0),
    qclass: recordClassOf(0),
    hasEdns: false,
    dnssecOk: false,
    udpPayloadOctets: minUdpPayloadOctets,
    optionOctets: 0,
  }
}

const plainFlags =
  headerFlag.recursionDesired | headerFlag.authenticData | headerFlag.checkingDisabled

/**
 * Whether the first `length` octets are a plain, well-formed query; if so, `into` says what it asks.
 *
 * Plain: one question with its name in full, at most an OPT record of version 0 besides, nothing behind,
 * and no header bit that only other messages have. Where this says no, `decodeMessage` decides; then `into`
 * is undefined in part. Nothing is allocated.
 */
export function scanQuery(octets: Uint8Array, length: number, into: QueryScan): boolean {
  if (length < headerOctets || length > octets.length) return false
  const flags = u16(octets, 2)
  if ((flags & ~plainFlags) !== 0) return false
  if (u16(octets, 4) !== 1 || u16(octets, 6) !== 0 || u16(octets, 8) !== 0) return false
  const additionals = u16(octets, 10)
  if (additionals > 1) return false

  let at = headerOctets
  let labels = 0
  for (;;) {
    if (at >= length) return false
    const label = octets[at] as number
    at += 1 + label
    if (label === 0) break
    if (label > 63 || at - headerOctets >= maxNameOctets) return false
    labels += 1
  }
  const end = at + 4
  if (end > length) return false
  into.flags = flags
  into.questionEnd = end
  into.labelCount = labels
  into.qtype = recordTypeOf(u16(octets, at))
  into.qclass = recordClassOf(u16(octets, at + 2))
  into.hasEdns = additionals === 1
  into.dnssecOk = false
  into.udpPayloadOctets = minUdpPayloadOctets
  into.optionOctets = 0
  return into.hasEdns ? scanOpt(octets, end, length, into) : end === length
}

/** Looks at the OPT record that must fill the rest (RFC 6891 §6.1.2). */
function scanOpt(octets: Uint8Array, at: number, length: number, into: QueryScan): boolean {
  if (at + 11 > length) return false
  if (octets[at] !== 0 || u16(octets, at + 1) !== recordType.OPT) return false
  // Upper bits of the rcode, and the version: both 0 in a query that we know how to answer.
  if (u16(octets, at + 5) !== 0) return false
  const options = at + 11
  const optionOctets = u16(octets, at + 9)
  if (options + optionOctets !== length) return false
  for (let option = options; option < length; ) {
    if (option + 4 > length) return false
    option += 4 + u16(octets, option + 2)
    if (option > length) return false
  }
  into.dnssecOk = (u16(octets, at + 7) & dnssecOkFlag) !== 0
  into.udpPayloadOctets = Math.max(u16(octets, at + 3), minUdpPayloadOctets)
  into.optionOctets = optionOctets
  return true
}

function u16(octets: Uint8Array, at: number): number {
  return ((octets[at] as number) << 8) | (octets[at + 1] as number)
}

/** Octets of type and class, behind the name. */
const fixedOctets = 4

/**
 * A hash of the question that stands, its name in full, in octets 12 to `end`; upper and lower case are one.
 *
 * FNV-1a with 32 bits, signed so that it stays a small integer. Nothing is allocated.
 */
export function hashQuestion(octets: Uint8Array, end: number): number {
  let hash = 0x811c9dc5 | 0
  const nameEnd = end - fixedOctets
  for (let at = headerOctets; at < end; at += 1) {
    const octet = octets[at] as number
    hash = Math.imul(hash ^ (at < nameEnd ? lower(octet) : octet), 0x01000193)
  }
  return hash
}

/**
 * Whether `octets` ask in octets 12 to `end` what `stored` asks there, whose name is in lower case.
 * Nothing is allocated.
 */
export function sameQuestion(octets: Uint8Array, stored: Uint8Array, end: number): boolean {
  const nameEnd = end - fixedOctets
  // Type and class differ more often than the name does, and have no case: 65 is HTTPS, 97 is not.
  for (let at = nameEnd; at < end; at += 1) if (octets[at] !== stored[at]) return false
  for (let at = headerOctets; at < nameEnd; at += 1) {
    if (lower(octets[at] as number) !== stored[at]) return false
  }
  return true
}

/** Length octets of labels are below `A`, so a name can be lowered as a whole. */
function lower(octet: number): number {
  return octet >= 0x41 && octet <= 0x5a ? octet | 0x20 : octet
}
