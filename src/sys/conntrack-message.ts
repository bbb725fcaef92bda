import { endianness } from 'node:os'
import type { KernelAddress } from './kernel-address.ts'

/** A connection as one of its directions sees it. */
export interface Tuple {
  readonly source: KernelAddress
  readonly destination: KernelAddress
}

// linux/netlink.h, linux/netfilter/nfnetlink.h and nfnetlink_conntrack.h
export const netlinkHeaderOctets = 16
const netfilterHeaderOctets = 4
const attributesAt = netlinkHeaderOctets + netfilterHeaderOctets
const subsystemConntrack = 1 << 8
const messageNew = subsystemConntrack | 0
const messageGet = subsystemConntrack | 1
const flagRequest = 1
const nested = 0x8000
const typeMask = 0x3fff
const attribute = { tupleOriginal: 1, tupleReply: 2, zone: 18 } as const
const tupleAttribute = { ip: 1, protocol: 2 } as const
const ipAttribute = { v4Source: 1, v4Destination: 2, v6Source: 3, v6Destination: 4 } as const
const protocolAttribute = { number: 1, sourcePort: 2, destinationPort: 3 } as const
const protocolUdp = 17
const families = { 4: 2, 6: 10 } as const
const little = endianness() === 'LE'

/** The request for the UDP connection whose replies look like `reply`, in one conntrack zone. */
export function conntrackRequest(reply: Tuple, zone: number, sequence: number): Uint8Array {
  const family = reply.source.octets.length === 4 ? 4 : 6
  const [source, destination] =
    family === 4
      ? [ipAttribute.v4Source, ipAttribute.v4Destination]
      : [ipAttribute.v6Source, ipAttribute.v6Destination]
  const attributes = Buffer.concat([
    nest(attribute.tupleReply, [
      nest(tupleAttribute.ip, [
        attr(source, reply.source.octets),
        attr(destination, reply.destination.octets),
      ]),
      nest(tupleAttribute.protocol, [
        attr(protocolAttribute.number, [protocolUdp]),
        attr(protocolAttribute.sourcePort, u16(reply.source.port)),
        attr(protocolAttribute.destinationPort, u16(reply.destination.port)),
      ]),
    ]),
    ...(zone === 0 ? [] : [attr(attribute.zone, u16(zone))]),
  ])
  const header = Buffer.alloc(attributesAt)
  writeU32(header, attributesAt + attributes.length, 0)
  writeU16(header, messageGet, 4)
  writeU16(header, flagRequest, 6)
  writeU32(header, sequence, 8)
  header[netlinkHeaderOctets] = families[family]
  return Buffer.concat([header, attributes])
}

/** Which request the kernel answers with this message; it holds `netlinkHeaderOctets` at least. */
export function sequenceOf(octets: Buffer): number {
  return readU32(octets, 8)
}

/** The original destination in the kernel's answer; `undefined` when it is an error or not understood. */
export function readOriginalDestination(message: Buffer): KernelAddress | undefined {
  if (message.length < attributesAt || readU16(message, 4) !== messageNew) return undefined
  const length = Math.min(readU32(message, 0), message.length)
  const tuple = find(message.subarray(attributesAt, length), attribute.tupleOriginal)
  const ip = tuple && find(tuple, tupleAttribute.ip)
  const protocol = tuple && find(tuple, tupleAttribute.protocol)
  const octets = ip && readAddress(ip)
  const port = protocol && find(protocol, protocolAttribute.destinationPort)
  if (octets === undefined || port?.length !== 2) return undefined
  return { octets, port: port.readUInt16BE(0) }
}

/** A copy: the message's buffer is used again. */
function readAddress(ip: Buffer): Uint8Array | undefined {
  const octets = find(ip, ipAttribute.v4Destination) ?? find(ip, ipAttribute.v6Destination)
  if (octets?.length !== 4 && octets?.length !== 16) return undefined
  return Uint8Array.from(octets)
}

/** The value of the first attribute of this type. */
function find(attributes: Buffer, type: number): Buffer | undefined {
  let at = 0
  while (at + 4 <= attributes.length) {
    const length = readU16(attributes, at)
    if (length < 4 || at + length > attributes.length) return undefined
    if ((readU16(attributes, at + 2) & typeMask) === type) {
      return attributes.subarray(at + 4, at + length)
    }
    at += (length + 3) & ~3
  }
  return undefined
}

/** Padded to a multiple of four octets; the padding does not count in the length. */
function attr(type: number, value: ArrayLike<number>): Buffer {
  const octets = Buffer.alloc((4 + value.length + 3) & ~3)
  writeU16(octets, 4 + value.length, 0)
  writeU16(octets, type, 2)
  octets.set(value, 4)
  return octets
}

function nest(type: number, attributes: readonly Buffer[]): Buffer {
  return attr(type | nested, Buffer.concat(attributes))
}

/** Network order. */
function u16(value: number): readonly number[] {
  return [value >> 8, value & 0xff]
}

// Netlink's own headers are in the order of the machine.
function readU16(octets: Buffer, at: number): number {
  return little ? octets.readUInt16LE(at) : octets.readUInt16BE(at)
}

function readU32(octets: Buffer, at: number): number {
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
