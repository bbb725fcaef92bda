import { hash } from 'node:crypto'

/**
 * One number for a whole table of resources: the same at both ends when they hold the same.
 *
 * XOR over the first eight octets of SHA-256 of each NAME, a zero octet, and VERSION; so order does
 * not matter, and a change costs what changed.
 */
export class TableHash {
  #high = 0
  #low = 0

  add(name: string, version: string): void {
    this.addDigest(digestOf(name, version))
  }

  /** As `add`, for one who keeps digests. */
  addDigest({ high, low }: ResourceDigest): void {
    this.#high ^= high
    this.#low ^= low
  }

  /** Takes back one `add` of the same name and version. */
  remove(name: string, version: string): void {
    this.add(name, version)
  }

  /** 16 hexadecimal digits; all zero for an empty table. */
  toString(): string {
    return hex(this.#high) + hex(this.#low)
  }
}

/** What one resource gives to the hash of a table. */
export interface ResourceDigest {
  readonly high: number
  readonly low: number
}

export function digestOf(name: string, version: string): ResourceDigest {
  const digest = hash('sha256', `${name}\0${version}`, 'buffer')
  return { high: digest.readInt32BE(0), low: digest.readInt32BE(4) }
}

function hex(half: number): string {
  return (half >>> 0).toString(16).padStart(8, '0')
}
