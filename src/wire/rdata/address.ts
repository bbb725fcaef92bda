import { type IpAddress, ipFromOctets, octetsOf } from '../../ip/address.ts'
import type { Reader } from '../reader.ts'
import { WireValueError, type Writer } from '../writer.ts'

/** An address of the owner (A: RFC 1035 §3.4.1; AAAA: RFC 3596 §2.2). */
export interface AddressData {
  readonly kind: 'A' | 'AAAA'
  /** IPv4 for A, IPv6 for AAAA. */
  readonly address: IpAddress
}

export function readAddress(reader: Reader, kind: AddressData['kind']): AddressData {
  return { kind, address: ipFromOctets(reader.octets(octetsOfKind(kind))) }
}

/** @throws {WireValueError} when the address is of the other family. */
export function writeAddress(writer: Writer, { kind, address }: AddressData): void {
  const octets = octetsOf(address)
  if (octets.length !== octetsOfKind(kind)) throw new WireValueError(`address of ${kind}`, address)
  writer.octets(octets)
}

function octetsOfKind(kind: AddressData['kind']): 4 | 16 {
  return kind === 'A' ? 4 : 16
}
