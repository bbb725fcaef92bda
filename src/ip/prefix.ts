import { CodedError } from '../base/coded-error.ts'
import {
  familyOf,
  type IpAddress,
  type IpFamily,
  ipFromOctets,
  octetsOf,
  tryParseIp,
} from './address.ts'

/** A range of addresses that share their first `length` bits (RFC 4632, RFC 4291 §2.3). */
export interface Prefix {
  /** The first address of the range. */
  readonly network: IpAddress
  readonly length: number
}

/** The text is not `ADDRESS/LENGTH`. */
export class PrefixSyntaxError extends CodedError {
  override readonly code = 'IP_PREFIX_SYNTAX'

  constructor(text: string) {
    super(`not an address range: ${JSON.stringify(text)}`, {
      hint: 'Write it as ADDRESS/LENGTH, such as 240.240.0.0/16 or 2001:2::/48.',
    })
  }
}

/**
 * Parses `ADDRESS/LENGTH`; bits beyond the length are cleared.
 * @throws {PrefixSyntaxError} when the address or the length is not valid.
 */
export function parsePrefix(text: string): Prefix {
  const prefix = tryParsePrefix(text)
  if (!prefix) throw new PrefixSyntaxError(text)
  return prefix
}

export function tryParsePrefix(text: string): Prefix | undefined {
  const match = /^([^/]+)\/(\d{1,3})$/.exec(text)
  const address = tryParseIp(match?.[1] ?? '')
  const length = Number(match?.[2])
  if (address === undefined || length > bitsOf(familyOf(address))) return undefined
  const shift = BigInt(bitsOf(familyOf(address)) - length)
  return { network: fromNumber((toNumber(address) >> shift) << shift, familyOf(address)), length }
}

export function formatPrefix(prefix: Prefix): string {
  return `${prefix.network}/${prefix.length}`
}

export function contains(prefix: Prefix, address: IpAddress): boolean {
  const { network, length } = prefix
  if (familyOf(address) !== familyOf(network)) return false
  return startAlike(octetsOf(address), octetsOf(network), length)
}

/** The addresses that two ranges have in common: one of the two; `undefined` when they are apart. */
export function commonPrefix(a: Prefix, b: Prefix): Prefix | undefined {
  const [wide, narrow] = a.length <= b.length ? [a, b] : [b, a]
  return contains(wide, narrow.network) ? narrow : undefined
}

/** Whether two addresses have their first `bits` in common. */
export function startAlike(some: Uint8Array, others: Uint8Array, bits: number): boolean {
  const whole = bits >> 3
  for (let at = 0; at < whole; at += 1) if (some[at] !== others[at]) return false
  const rest = bits & 7
  return rest === 0 || ((some[whole] ?? 0) ^ (others[whole] ?? 0)) >> (8 - rest) === 0
}

/** How many addresses it holds, the network address included. */
export function sizeOf(prefix: Prefix): bigint {
  return 1n << BigInt(bitsOf(familyOf(prefix.network)) - prefix.length)
}

/** The address `offset` places behind the network address; the caller keeps within `sizeOf`. */
export function addressAt(prefix: Prefix, offset: bigint): IpAddress {
  return fromNumber(toNumber(prefix.network) + offset, familyOf(prefix.network))
}

function bitsOf(family: IpFamily): number {
  return family === 4 ? 32 : 128
}

function toNumber(address: IpAddress): bigint {
  return BigInt(`0x${Buffer.from(octetsOf(address)).toString('hex')}`)
}

function fromNumber(value: bigint, family: IpFamily): IpAddress {
  const digits = bitsOf(family) / 4
  return ipFromOctets(Buffer.from(value.toString(16).padStart(digits, '0'), 'hex'))
}
