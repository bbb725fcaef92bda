/**
 * Reads blocks with a length in front, as TLS writes them (RFC 8446 §3.4).
 *
 * Whoever reads past the end gets zeros and empty blocks, and `overrun` says so: hostile input
 * neither throws nor loops.
 */
export class OctetCursor {
  readonly #octets: Buffer
  #at = 0
  overrun = false

  constructor(octets: Buffer) {
    this.#octets = octets
  }

  get done(): boolean {
    return this.#at >= this.#octets.length
  }

  /** An unsigned number of `size` octets, most significant first; `size` is 1 to 6. */
  number(size: number): number {
    const octets = this.take(size)
    return octets.length === size ? octets.readUIntBE(0, size) : 0
  }

  /** The block behind a length of `size` octets. */
  block(size: number): Buffer {
    return this.take(this.number(size))
  }

  take(length: number): Buffer {
    const end = this.#at + length
    if (end > this.#octets.length) {
      this.overrun = true
      this.#at = this.#octets.length
      return Buffer.alloc(0)
    }
    const taken = this.#octets.subarray(this.#at, end)
    this.#at = end
    return taken
  }
}
