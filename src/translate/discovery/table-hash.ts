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
    const digest = hash('sha256', `${name}\0${version}`, 'buffer')
    this.#high ^= digest.readInt32BE(0)
    this.#low ^= digest.readInt32BE(4)
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

function hex(half: number): string {
  return (half >>> 0).toString(16).padStart(8, '0')
}
