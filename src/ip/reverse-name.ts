import { familyOf, type IpAddress, ipFromOctets, octetsOf } from './address.ts'

const v4Zone = '.in-addr.arpa'
const v6Zone = '.ip6.arpa'

/** The name whose PTR record names this address, lower case, without the last dot (RFC 1035 §3.5, RFC 3596 §2.5). */
export function reverseName(address: IpAddress): string {
  const octets = octetsOf(address)
  if (familyOf(address) === 4) return `${[...octets].reverse().join('.')}${v4Zone}`
  const nibbles = Buffer.from(octets).toString('hex').split('')
  return `${nibbles.reverse().join('.')}${v6Zone}`
}

/** The address that a lower-case reverse name stands for; `undefined` when it is not a full one. */
export function ipOfReverseName(name: string): IpAddress | undefined {
  if (name.endsWith(v4Zone)) {
    const parts = name.slice(0, -v4Zone.length).split('.')
    const isOctet = (part: string) => /^(0|[1-9]\d{0,2})$/.test(part) && Number(part) <= 255
    if (parts.length !== 4 || !parts.every(isOctet)) return undefined
    return ipFromOctets(Uint8Array.from(parts.reverse(), Number))
  }
  if (!name.endsWith(v6Zone)) return undefined
  const nibbles = name.slice(0, -v6Zone.length).split('.')
  if (nibbles.length !== 32 || !nibbles.every((nibble) => /^[0-9a-f]$/.test(nibble))) {
    return undefined
  }
  return ipFromOctets(Buffer.from(nibbles.reverse().join(''), 'hex'))
}
