import { familyOf, type IpAddress, ipFromOctets, octetsOf } from '../ip/address.ts'
import { addressAt, type Prefix, sizeOf } from '../ip/prefix.ts'

/** The addresses of a pool that a host may hold, lowest first; made one by one. */
export function* usableAddresses(pool: Prefix): Generator<IpAddress, undefined> {
  const { first, count } = usableRange(pool)
  const octets = octetsOf(addressAt(pool, first))
  for (let made = 0n; made < count; made += 1n) {
    yield ipFromOctets(octets)
    increment(octets)
  }
  return undefined
}

/** How many there are; exact up to 2^53. */
export function usableCount(pool: Prefix): number {
  return Number(usableRange(pool).count)
}

/** Tests whether an address is one of them. */
export function createUsableTest(pool: Prefix): (address: IpAddress) => boolean {
  const { first, count } = usableRange(pool)
  const lowest = octetsOf(addressAt(pool, first))
  const highest = octetsOf(addressAt(pool, first + count - 1n))
  return (address) => {
    if (familyOf(address) !== familyOf(pool.network)) return false
    const octets = octetsOf(address)
    return Buffer.compare(octets, lowest) >= 0 && Buffer.compare(octets, highest) <= 0
  }
}

/**
 * The network address is never used, nor the broadcast address of an IPv4 pool. Pools too small to
 * have these (RFC 3021 for two addresses) are used whole.
 */
function usableRange(pool: Prefix): { readonly first: bigint; readonly count: bigint } {
  const size = sizeOf(pool)
  if (size <= 2n) return { first: 0n, count: size }
  return { first: 1n, count: size - (familyOf(pool.network) === 4 ? 2n : 1n) }
}

function increment(octets: Uint8Array): void {
  for (let at = octets.length - 1; at >= 0; at -= 1) {
    const value = ((octets[at] ?? 0) + 1) & 0xff
    octets[at] = value
    if (value !== 0) return
  }
}
