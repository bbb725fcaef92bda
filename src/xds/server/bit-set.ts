/** A set of small whole numbers, an eighth of an octet for each that could be in it. */
export class BitSet {
  readonly #words: Uint32Array

  /** For numbers below `size`. */
  constructor(size: number) {
    this.#words = new Uint32Array((size + 31) >>> 5)
  }

  add(value: number): void {
    const index = value >>> 5
    this.#words[index] = (this.#words[index] ?? 0) | (1 << (value & 31))
  }

  delete(value: number): void {
    const index = value >>> 5
    this.#words[index] = (this.#words[index] ?? 0) & ~(1 << (value & 31))
  }

  has(value: number): boolean {
    return ((this.#words[value >>> 5] ?? 0) & (1 << (value & 31))) !== 0
  }
}
