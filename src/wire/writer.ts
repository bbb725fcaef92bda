import { CodedError } from '../base/coded-error.ts'

/** A value does not fit the field that carries it. */
export class WireValueError extends CodedError {
  override readonly code = 'WIRE_VALUE'

  constructor(field: string, value: number | string, allowed = '') {
    super(`a message cannot carry ${value} as ${field}${allowed}`)
  }
}

/** Pointers have 14 bits (RFC 1035 §4.1.4). */
const largestPointer = 0x3fff

/** Collects octets; the buffer grows as needed. Remembers where names stand, for compression. */
export class Writer {
  /** Of a pool: memory of its own costs more than most messages. */
  #octets: Uint8Array = Buffer.allocUnsafe(512)
  #length = 0
  readonly #names = new Map<string, number>()

  get length(): number {
    return this.#length
  }

  u8(value: number): void {
    const at = this.#grow(1)
    this.#octets[at] = value
  }

  u16(value: number): void {
    const at = this.#grow(2)
    this.#octets[at] = value >> 8
    this.#octets[at + 1] = value
  }

  u32(value: number): void {
    this.u16(value >>> 16)
    this.u16(value & 0xffff)
  }

  octets(octets: Uint8Array): void {
    const at = this.#grow(octets.length)
    this.#octets.set(octets, at)
  }

  /** Replaces an octet that was written before. */
  patch8(at: number, value: number): void {
    this.#octets[at] = value
  }

  /** Replaces two octets that were written before. */
  patch16(at: number, value: number): void {
    this.#octets[at] = value >> 8
    this.#octets[at + 1] = value
  }

  /** Where a name (or the end of one) was written before. */
  nameAt(suffix: string): number | undefined {
    return this.#names.get(suffix)
  }

  /** Remembers that `suffix` begins at the next octet, if a pointer can reach it. */
  rememberName(suffix: string): void {
    if (this.#length <= largestPointer) this.#names.set(suffix, this.#length)
  }

  /** Takes back everything from `length` on. */
  rewind(length: number): void {
    this.#length = length
    for (const [suffix, at] of this.#names) if (at >= length) this.#names.delete(suffix)
  }

  /** A copy of what was written. */
  finish(): Uint8Array {
    return new Uint8Array(this.#octets.subarray(0, this.#length))
  }

  #grow(count: number): number {
    const at = this.#length
    this.#length = at + count
    if (this.#length > this.#octets.length) {
      const larger = new Uint8Array(Math.max(this.#length, this.#octets.length * 2))
      larger.set(this.#octets.subarray(0, at))
      this.#octets = larger
    }
    return at
  }
}

/**
 * Gives the value back when it is a whole number from 0 to `largest`.
 * @throws {WireValueError} when not.
 */
export function checked(field: string, value: number, largest: number): number {
  if (Number.isInteger(value) && value >= 0 && value <= largest) return value
  throw new WireValueError(field, value, `, only a whole number from 0 to ${largest}`)
}
