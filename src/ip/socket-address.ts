import { CodedError } from '../base/coded-error.ts'
import { familyOf, type IpAddress, ipFromOctets, octetsOf, tryParseIp, unmapIp } from './address.ts'

/** Where a socket is, or shall be. */
export interface SocketAddress {
  readonly address: IpAddress
  readonly port: number
  /** Interface of a link-local IPv6 address (RFC 4007 §11), as in `fe80::1%eth0`. */
  readonly zone?: string
}

/** The text is not `ADDRESS:PORT`. */
export class SocketAddressSyntaxError extends CodedError {
  override readonly code = 'IP_SOCKET_ADDRESS_SYNTAX'

  constructor(text: string) {
    super(`not an address with a port: ${JSON.stringify(text)}`, {
      hint: 'Write it as 127.0.0.1:15053, or [::1]:15053 for IPv6.',
    })
  }
}

/** @throws {SocketAddressSyntaxError} when it is not `ADDRESS:PORT` or `[ADDRESS]:PORT`. */
export function parseSocketAddress(text: string): SocketAddress {
  const match = /^(?:\[([^\]%]+)(?:%([\w.-]+))?\]|([^:[\]]+)):(\d{1,5})$/.exec(text)
  const address = tryParseIp(match?.[1] ?? match?.[3] ?? '')
  const port = Number(match?.[4])
  const bracketed = match?.[1] !== undefined
  if (address === undefined || port > 65535 || bracketed !== (familyOf(address) === 6)) {
    throw new SocketAddressSyntaxError(text)
  }
  return match?.[2] === undefined ? { address, port } : { address, port, zone: match[2] }
}

export function isSocketAddress(text: string): boolean {
  try {
    parseSocketAddress(text)
    return true
  } catch {
    return false
  }
}

export function formatSocketAddress({ address, port, zone }: SocketAddress): string {
  if (familyOf(address) === 4) return `${address}:${port}`
  return `[${address}${zone === undefined ? '' : `%${zone}`}]:${port}`
}

/** What `node:net` and `node:dgram` take as a host: the address with its zone. */
export function socketHost({ address, zone }: SocketAddress): string {
  return zone === undefined ? address : `${address}%${zone}`
}

/** The kernel's way of writing it: 4 octets for IPv4 and IPv4-mapped IPv6, else 16, in network order. */
export function socketOctetsOf({ address, port }: SocketAddress): SocketOctets {
  return { octets: octetsOf(unmapIp(address)), port }
}

/** The inverse of `socketOctetsOf`. */
export function socketAddressOf({ octets, port }: SocketOctets): SocketAddress {
  return { address: ipFromOctets(octets), port }
}

interface SocketOctets {
  readonly octets: Uint8Array
  readonly port: number
}
