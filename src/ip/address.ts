import { isIP } from 'node:net'
import type { Brand } from '../base/brand.ts'
import { CodedError } from '../base/coded-error.ts'

/** An IPv4 or IPv6 address in its canonical text (RFC 5952), so that equal addresses are equal strings. */
export type IpAddress = Brand<string, 'IpAddress'>

export type IpFamily = 4 | 6

/** The text is not an IP address. */
export class AddressSyntaxError extends CodedError {
  override readonly code = 'IP_SYNTAX'

  constructor(text: string) {
    super(`not an IP address: ${JSON.stringify(text)}`, {
      hint: 'Write an IPv4 address such as 192.0.2.1 or an IPv6 address such as 2001:db8::1.',
    })
  }
}

/** @throws {AddressSyntaxError} when the text is neither IPv4 nor IPv6, or carries a zone or port. */
export function parseIp(text: string): IpAddress {
  const address = tryParseIp(text)
  if (address === undefined) throw new AddressSyntaxError(text)
  return address
}

export function tryParseIp(text: string): IpAddress | undefined {
  const family = isIP(text)
  if (family === 4) return text as IpAddress
  if (family !== 6 || text.includes('%')) return undefined
  return ipFromOctets(octetsOfIpv6(text))
}

export function familyOf(address: IpAddress): IpFamily {
  return address.includes(':') ? 6 : 4
}

/** Network order: 4 octets, or 16. */
export function octetsOf(address: IpAddress): Uint8Array {
  return familyOf(address) === 4 ? octetsOfIpv4(address) : octetsOfIpv6(address)
}

/** The address of 4 or 16 octets in network order. An IPv4-mapped IPv6 address stays IPv6. */
export function ipFromOctets(octets: Uint8Array): IpAddress {
  if (octets.length === 4) return octets.join('.') as IpAddress
  const groups: string[] = []
  for (let at = 0; at < 16; at += 2) {
    groups.push((((octets[at] ?? 0) << 8) | (octets[at + 1] ?? 0)).toString(16))
  }
  return shortenZeros(groups) as IpAddress
}

/** Order by family, then by number. */
export function compareIps(a: IpAddress, b: IpAddress): number {
  return familyOf(a) - familyOf(b) || Buffer.compare(octetsOf(a), octetsOf(b))
}

/** The IPv4 address inside of an IPv4-mapped IPv6 address (RFC 4291 §2.5.5.2); any other as it is. */
export function unmapIp(address: IpAddress): IpAddress {
  if (!address.startsWith('::ffff:')) return address
  const octets = octetsOf(address)
  return octets[10] === 0xff && octets[11] === 0xff ? ipFromOctets(octets.subarray(12)) : address
}

export function isLoopback(address: IpAddress): boolean {
  return address === '::1' || address.startsWith('127.')
}

// Read character by character, because tables of many hosts are made of addresses.

function octetsOfIpv4(text: string): Uint8Array {
  const octets = new Uint8Array(4)
  let at = 0
  let value = 0
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index)
    if (code === dot) {
      octets[at] = value
      at += 1
      value = 0
    } else value = value * 10 + code - zero
  }
  octets[at] = value
  return octets
}

function octetsOfIpv6(given: string): Uint8Array {
  const text = given.includes('.') ? undot(given) : given
  const octets = new Uint8Array(16)
  let at = 0
  let gap = -1
  let value = 0
  let digits = 0
  for (let index = 0; index <= text.length; index += 1) {
    const code = text.charCodeAt(index)
    if (index < text.length && code !== colon) {
      value = (value << 4) | (code <= nine ? code - zero : (code | 0x20) - letterA + 10)
      digits += 1
      continue
    }
    if (digits > 0) {
      octets[at] = value >> 8
      octets[at + 1] = value & 0xff
      at += 2
    }
    value = 0
    digits = 0
    if (code === colon && text.charCodeAt(index + 1) === colon) gap = at
  }
  if (gap < 0) return octets
  const behind = 16 - (at - gap)
  octets.copyWithin(behind, gap, at)
  return octets.fill(0, gap, behind)
}

const [dot, colon, zero, nine, letterA] = [0x2e, 0x3a, 0x30, 0x39, 0x61]

/** The same address with its last four octets in groups: `::ffff:1.2.3.4` is `::ffff:0102:0304`. */
function undot(text: string): string {
  const start = text.lastIndexOf(':') + 1
  const octets = Buffer.from(octetsOfIpv4(text.slice(start))).toString('hex')
  return `${text.slice(0, start)}${octets.slice(0, 4)}:${octets.slice(4)}`
}

/** The longest run of two or more zero groups becomes `::`, the first of equals (RFC 5952 §4.2). */
function shortenZeros(groups: readonly string[]): string {
  let best = { start: 0, length: 1 }
  for (let start = 0; start < groups.length; start += 1) {
    let length = 0
    while (groups[start + length] === '0') length += 1
    if (length > best.length) best = { start, length }
  }
  if (best.length < 2) return groups.join(':')
  const head = groups.slice(0, best.start).join(':')
  return `${head}::${groups.slice(best.start + best.length).join(':')}`
}
