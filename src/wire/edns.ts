import { rootName } from './name.ts'
import { type Rcode, rcodeOf } from './rcode.ts'
import { WireFormatError } from './reader.ts'
import type { RecordStart } from './record.ts'
import { recordType } from './record-type.ts'
import { checked, type Writer } from './writer.ts'

/** What the OPT record of a message says, but for the rcode's upper bits (RFC 6891 §6.1). */
export interface Edns {
  /** Largest UDP payload that the sender takes; less than 512 counts as 512 (RFC 6891 §6.2.3). */
  readonly udpPayloadOctets: number
  /** 0 is the only one there is; others are read so that they can be refused with BADVERS. */
  readonly version: number
  readonly dnssecOk: boolean
  readonly options: readonly EdnsOption[]
}

export interface EdnsOption {
  readonly code: number
  readonly octets: Uint8Array
}

/** Options that we know by name (RFC 5001, 7871, 7873, 7828, 7830, 8914). */
export const ednsOption = {
  NSID: 3,
  CLIENT_SUBNET: 8,
  COOKIE: 10,
  TCP_KEEPALIVE: 11,
  PADDING: 12,
  EXTENDED_ERROR: 15,
} as const

/** The least that every DNS program takes over UDP (RFC 1035 §2.3.4). */
export const minUdpPayloadOctets = 512

export const dnssecOkFlag = 0x8000

/** OPT record without options: the root, ten octets of fields. */
const bareOctets = 11

/**
 * Reads an OPT record; `rcode` are all twelve bits, with the lower four as the header has them.
 * @throws {WireFormatError} when its owner is not the root or an option runs over the end.
 */
export function readEdns(start: RecordStart, headerRcode: Rcode): { edns: Edns; rcode: Rcode } {
  const { name, class: payload, ttl, rdata } = start
  if (name !== rootName) throw new WireFormatError('an OPT record with a name', rdata.offset)
  const options: EdnsOption[] = []
  while (rdata.remaining > 0) {
    options.push({ code: rdata.u16(), octets: rdata.octets(rdata.u16()) })
  }
  const edns = {
    udpPayloadOctets: Math.max(payload, minUdpPayloadOctets),
    version: (ttl >>> 16) & 0xff,
    dnssecOk: (ttl & dnssecOkFlag) !== 0,
    options,
  }
  return { edns, rcode: rcodeOf(headerRcode, ttl >>> 24) }
}

/** @throws {WireValueError} when a value does not fit its field. */
export function writeEdns(writer: Writer, edns: Edns, rcode: Rcode): void {
  writer.u8(0)
  writer.u16(recordType.OPT)
  writer.u16(checked('UDP payload size', edns.udpPayloadOctets, 0xffff))
  writer.u8(rcode >> 4)
  writer.u8(checked('EDNS version', edns.version, 0xff))
  writer.u16(edns.dnssecOk ? dnssecOkFlag : 0)
  writer.u16(checked('length of the EDNS options', octetsOfEdns(edns) - bareOctets, 0xffff))
  for (const { code, octets } of edns.options) {
    writer.u16(checked('code of an EDNS option', code, 0xffff))
    writer.u16(octets.length)
    writer.octets(octets)
  }
}

/** How many octets the OPT record takes. */
export function octetsOfEdns(edns: Edns): number {
  return edns.options.reduce((sum, { octets }) => sum + 4 + octets.length, bareOctets)
}
