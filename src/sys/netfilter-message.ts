import { endianness } from 'node:os'

// linux/netlink.h and linux/netfilter/nfnetlink.h
export const netlinkHeaderOctets = 16
const netfilterHeaderOctets = 4
/** Where the attributes of a message begin. */
export const attributesAt = netlinkHeaderOctets + netfilterHeaderOctets
const nested = 0x8000
const little = endianness() === 'LE'

export interface NetfilterHeader {
  /** Subsystem and message. */
  readonly type: number
  readonly flags: number
  readonly sequence: number
  /** NFPROTO_…. */
  readonly family: number
  readonly resource?: number
}

/** A request to netfilter, with attributes behind it. */
export function netfilterMessage(header: NetfilterHeader, attributes: Uint8Array): Buffer {
  const octets = Buffer.alloc(attributesAt)
  writeU32(octets, attributesAt + attributes.length, 0)
  writeU16(octets, header.type, 4)
  writeU16(octets, header.flags, 6)
  writeU32(octets, header.sequence, 8)
  octets[netlinkHeaderOctets] = header.family
  octets.writeUInt16BE(header.resource ?? 0, netlinkHeaderOctets + 2)
  return Buffer.concat([octets, attributes])
}

/** Padded to a multiple of four octets; the padding does not count in the length. */
export function attr(type: number, value: ArrayLike<number>): Buffer {
  const octets = Buffer.alloc((4 + value.length + 3) & ~3)
  writeU16(octets, 4 + value.length, 0)
  writeU16(octets, type, 2)
  octets.set(value, 4)
  return octets
}

export function nest(type: number, attributes: readonly Buffer[]): Buffer {
  return attr(type | nested, Buffer.concat(attributes))
}

export function networkU16(value: number): readonly number[] {
  return [value >> 8, value & 0xff]
}

// Netlink's own headers are in the order of the machine.
export function readU16(octets: Buffer, at: number): number {
  return little ? octets.readUInt16LE(at) : octets.readUInt16BE(at)
}

export function readU32(octets: Buffer, at: number): number {
  return little ? octets.readUInt32LE(at) : octets.readUInt32BE(at)
}

function writeU16(octets: Buffer, value: number, at: number): void {
  if (little) octets.writeUInt16LE(value, at)
  else octets.writeUInt16BE(value, at)
}

function writeU32(octets: Buffer, value: number, at: number): void {
  if (little) octets.writeUInt32LE(value, at)
  else octets.writeUInt32BE(value, at)
}
