/** What a stream of messages holds next; `undefined` while more octets are needed. */
export type Frame =
  | { readonly kind: 'message'; readonly octets: Uint8Array }
  | { readonly kind: 'oversized'; readonly octets: number }

const lengthOctets = 2

/** Pieces of a message are put together at this number, so that tiny ones do not cost much memory. */
const maxChunks = 64

/** Takes a TCP stream apart into messages, each behind its length (RFC 1035 §4.2.2). */
export class FrameReader {
  readonly #maxOctets: number
  #chunks: Uint8Array[] = []
  #held = 0

  constructor(maxOctets: number) {
    this.#maxOctets = maxOctets
  }

  /** Whether `next` has something to give. */
  get isReady(): boolean {
    if (this.#held < lengthOctets) return false
    const length = this.#nextLength()
    return length > this.#maxOctets || this.#held >= lengthOctets + length
  }

  /** Adds what was read, however it was cut; the octets are the reader's from here on. */
  push(chunk: Uint8Array): void {
    if (chunk.length === 0) return
    this.#chunks.push(chunk)
    this.#held += chunk.length
    if (this.#chunks.length >= maxChunks) this.#chunks = [Buffer.concat(this.#chunks)]
  }

  /** Takes the next message off the stream. It may be empty, and may share memory with its chunk. */
  next(): Frame | undefined {
    if (!this.isReady) return undefined
    const length = this.#nextLength()
    if (length > this.#maxOctets) return { kind: 'oversized', octets: length }
    const end = lengthOctets + length
    const all = this.#joined()
    this.#chunks = all.length === end ? [] : [all.subarray(end)]
    this.#held -= end
    return { kind: 'message', octets: all.subarray(lengthOctets, end) }
  }

  #nextLength(): number {
    return (this.#octetAt(0) << 8) | this.#octetAt(1)
  }

  #octetAt(index: number): number {
    let rest = index
    for (const chunk of this.#chunks) {
      if (rest < chunk.length) return chunk[rest] ?? 0
      rest -= chunk.length
    }
    return 0
  }

  #joined(): Uint8Array {
    const [first] = this.#chunks
    return first !== undefined && this.#chunks.length === 1 ? first : Buffer.concat(this.#chunks)
  }
}

/** The message behind its length, in one piece so that it leaves in one segment (RFC 7766 §8). */
export function frameOf(octets: Uint8Array): Buffer {
  const frame = Buffer.allocUnsafe(lengthOctets + octets.length)
  frame.writeUInt16BE(octets.length, 0)
  frame.set(octets, lengthOctets)
  return frame
}
