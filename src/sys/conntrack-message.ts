import type { KernelAddress } from './kernel-address.ts'
import {
  attr,
  attributesAt,
  nest,
  netfilterMessage,
  networkU16,
  readU16,
  readU32,
} from './netfilter-message.ts'

/** A connection as one of its directions sees it. */
export interface Tuple {
  readonly source: KernelAddress
  readonly destination: KernelAddress
}

// linux/netlink.h, linux/netfilter/nfnetlink.h and nfnetlink_conntrack.h
const subsystemConntrack = 1 << 8
const messageNew = subsystemConntrack | 0
const messageGet = subsystemConntrack | 1
const flagRequest = 1
const typeMask = 0x3fff
const attribute = { tupleOriginal: 1, tupleReply: 2 } as const
const tupleAttribute = { ip: 1, protocol: 2 } as const
const ipAttribute = { v4Source: 1, v4Destination: 2, v6Source: 3, v6Destination: 4 } as const
const protocolAttribute = { number: 1, sourcePort: 2, destinationPort: 3 } as const
const protocolUdp = 17
const families = { 4: 2, 6: 10 } as const

/** The request for the UDP connection whose replies look like `reply`, in the default zone as all replies are. */
export function conntrackRequest(reply: Tuple, sequence: number): Uint8Array {
  const family = reply.source.octets.length === 4 ? 4 : 6
  const [source, destination] =
    family === 4
      ? [ipAttribute.v4Source, ipAttribute.v4Destination]
      : [ipAttribute.v6Source, ipAttribute.v6Destination]
  const attributes = nest(attribute.tupleReply, [
    nest(tupleAttribute.ip, [
      attr(source, reply.source.octets),
      attr(destination, reply.destination.octets),
    ]),
    nest(tupleAttribute.protocol, [
      attr(protocolAttribute.number, [protocolUdp]),
      attr(protocolAttribute.sourcePort, networkU16(reply.source.port)),
      attr(protocolAttribute.destinationPort, networkU16(reply.destination.port)),
    ]),
  ])
  const header = { type: messageGet, flags: flagRequest, sequence, family: families[family] }
  return netfilterMessage(header, attributes)
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
