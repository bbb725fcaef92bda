/**
 * Reads an encoded message field by field (Protocol Buffers, encoding).
 *
 * For messages of which there are hundreds of thousands: reading them by their schema takes ten times as
 * long. A field of another kind than was expected is none that is known.
 */
export class FieldReader {
  readonly #octets: Buffer
  #at = 0
  /** Of the message that is being read. */
  #end: number

  constructor({ buffer, byteOffset, byteLength }: Uint8Array) {
    this.#octets = Buffer.from(buffer, byteOffset, byteLength)
    this.#end = byteLength
  }

  /**
   * The tag of the next field, made by `tagOf`; 0 behind the last one.
   * @throws {RangeError} when the message is cut off or no message; so do all the others.
   */
  next(): number {
    if (this.#at === this.#end) return 0
    const tag = this.uint32()
    if (tag >>> 3 === 0) throw new RangeError('illegal tag')
    return tag
  }

  uint32(): number {
    const first = this.#octet()
    if (first < 0x80) return first
    let value = first & 0x7f
    for (let shift = 7; shift < 70; shift += 7) {
      const octet = this.#octet()
      if (shift < 32) value |= (octet & 0x7f) << shift
      if (octet < 0x80) return value >>> 0
    }
    throw new RangeError('invalid varint')
  }

  bool(): boolean {
    return this.int64() !== 0n
  }

  int64(): bigint {
    let value = 0n
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const octet = this.#octet()
      value |= BigInt(octet & 0x7f) << shift
      if (octet < 0x80) return BigInt.asIntN(64, value)
    }
    throw new RangeError('invalid varint')
  }

  text(): string {
    const end = this.#endOfValue()
    const start = this.#at
    this.#at = end
    return this.#octets.toString('utf8', start, end)
  }

  /** A view of the octets that are read. */
  octets(): Uint8Array {
    const end = this.#endOfValue()
    const start = this.#at
    this.#at = end
    return this.#octets.subarray(start, end)
  }

  /** A message inside of this one. */
  message<T>(read: (reader: FieldReader) => T): T {
    const outer = this.#end
    this.#end = this.#endOfValue()
    const value = read(this)
    this.#end = outer
    return value
  }

  /** Numbers that stand together in one field. */
  packed(): number[] {
    return this.message(() => {
      const numbers: number[] = []
      while (this.#at < this.#end) numbers.push(this.uint32())
      return numbers
    })
  }

  /** Passes over the value of a field that is not known. */
  skip(tag: number): void {
    switch (tag & 7) {
      case wireTypes.varint:
        this.uint32()
        return
      case wireTypes.bit64:
        this.#advance(8)
        return
      case wireTypes.sized:
        this.#at = this.#endOfValue()
        return
      case wireTypes.bit32:
        this.#advance(4)
        return
      default:
        throw new RangeError('illegal wire type')
    }
  }

  #octet(): number {
    if (this.#at >= this.#end) throw new RangeError('premature EOF')
    const octet = this.#octets[this.#at] ?? 0
    this.#at += 1
    return octet
  }

  #advance(octets: number): void {
    if (octets > this.#end - this.#at) throw new RangeError('premature EOF')
    this.#at += octets
  }

  #endOfValue(): number {
    const length = this.uint32()
    if (length > this.#end - this.#at) throw new RangeError('premature EOF')
    return this.#at + length
  }
}

const wireTypes = { varint: 0, bit64: 1, sized: 2, bit32: 5 } as const

/** The tag of a field of texts, octets or messages. */
export function sized(field: number): number {
  return (field << 3) | wireTypes.sized
}

/** The tag of a field of numbers or truths. */
export function plain(field: number): number {
  return field << 3
}
