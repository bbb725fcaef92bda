import { familyOf, type IpAddress, octetsOf } from '../ip/address.ts'
import { addressAt, type Prefix, sizeOf } from '../ip/prefix.ts'
import type { AddressSet } from './address-set.ts'

/** The addresses of a pool that a host may hold and that are not taken, lowest first; made one by one. */
export function usableAddresses(pool: Prefix, taken: AddressSet): Generator<IpAddress, undefined> {
  return taken.missing(familyOf(pool.network), Number(usableRange(pool).first), usableCount(pool))
}

/** Each call gives the next one that is free, `undefined` when there is none left. */
export function freeOf(
  candidates: Generator<IpAddress, undefined>,
  isFree: (address: IpAddress) => boolean,
): () => IpAddress | undefined {
  return () => {
    for (;;) {
      const { value, done } = candidates.next()
      if (done === true || isFree(value)) return value
    }
  }
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
  const family = familyOf(pool.network)
  return (address) => {
    if (familyOf(address) !== family) return false
    const octets = octetsOf(address)
    return compareOctets(octets, lowest) >= 0 && compareOctets(octets, highest) <= 0
  }
}

/** Faster than `Buffer.compare` where there are so few. */
function compareOctets(a: Uint8Array, b: Uint8Array): number {
  for (let at = 0; at < a.length; at += 1) {
    const difference = (a[at] ?? 0) - (b[at] ?? 0)
    if (difference !== 0) return difference
  }
  return 0
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
