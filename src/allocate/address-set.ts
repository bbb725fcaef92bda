import { familyOf, type IpAddress, octetsOf } from '../ip/address.ts'
import { addressAt, type Prefix, sizeOf } from '../ip/prefix.ts'
import type { Pools } from './allocation.ts'

/** A set of addresses, made for many of the lowest ones of two pools: these cost a bit each. */
export class AddressSet {
  readonly #pools: Readonly<Record<4 | 6, PoolBits>>
  readonly #others = new Set<IpAddress>()

  constructor({ v4, v6 }: Pools) {
    this.#pools = { 4: new PoolBits(v4), 6: new PoolBits(v6) }
  }

  /** Whether it is new. */
  add(address: IpAddress): boolean {
    const bits = this.#pools[familyOf(address)]
    const offset = bits.offsetOf(address)
    if (offset >= 0) return bits.add(offset)
    const { size } = this.#others
    return this.#others.add(address).size > size
  }

  delete(address: IpAddress): void {
    const bits = this.#pools[familyOf(address)]
    const offset = bits.offsetOf(address)
    if (offset >= 0) bits.delete(offset)
    else this.#others.delete(address)
  }

  has(address: IpAddress): boolean {
    const bits = this.#pools[familyOf(address)]
    const offset = bits.offsetOf(address)
    return offset >= 0 ? bits.has(offset) : this.#others.has(address)
  }

  /** Addresses of a pool that are not in the set, from an offset on and lowest first. */
  *missing(family: 4 | 6, first: number, count: number): Generator<IpAddress, undefined> {
    const bits = this.#pools[family]
    for (let offset = first; offset < first + count; offset += 1) {
      if (bits.has(offset)) continue
      const address = addressAt(bits.pool, BigInt(offset))
      if (!this.#others.has(address)) yield address
    }
    return undefined
  }
}

/** Offsets beyond are no bits, so that a far address costs no memory. */
const maxBits = 2 ** 22

class PoolBits {
  readonly pool: Prefix
  readonly #network: Uint8Array
  readonly #low: number
  readonly #limit: number
  #bits = new Uint32Array(1_024)

  constructor(pool: Prefix) {
    this.pool = pool
    this.#network = octetsOf(pool.network)
    this.#low = lowBits(this.#network)
    this.#limit = Math.min(Number(sizeOf(pool)), maxBits)
  }

  /** -1 where it has no bit. */
  offsetOf(address: IpAddress): number {
    const octets = octetsOf(address)
    for (let at = 0; at < octets.length - 4; at += 1) {
      if (octets[at] !== this.#network[at]) return -1
    }
    const offset = lowBits(octets) - this.#low
    return offset < this.#limit ? offset : -1
  }

  has(offset: number): boolean {
    return ((this.#bits[offset >>> 5] ?? 0) & (1 << (offset & 31))) !== 0
  }

  add(offset: number): boolean {
    if (this.has(offset)) return false
    const at = offset >>> 5
    if (at >= this.#bits.length) {
      const larger = new Uint32Array(2 * at)
      larger.set(this.#bits)
      this.#bits = larger
    }
    this.#bits[at] = (this.#bits[at] ?? 0) | (1 << (offset & 31))
    return true
  }

  delete(offset: number): void {
    const at = offset >>> 5
    if (this.has(offset)) this.#bits[at] = (this.#bits[at] ?? 0) & ~(1 << (offset & 31))
  }
}

/** The last four octets as a number. */
function lowBits(octets: Uint8Array): number {
  let low = 0
  for (let at = octets.length - 4; at < octets.length; at += 1) low = low * 256 + (octets[at] ?? 0)
  return low
}
