/**
 * An encoded response, in pieces; some of them may be sent to others as well.
 *
 * It is what grpc-js needs of a `Buffer` that it is given to send: it asks for the length, and has
 * the octets copied behind its own five.
 */
export class EncodedResponse {
  readonly byteLength: number
  readonly #pieces: readonly Uint8Array[]
  #copy: Uint8Array<ArrayBuffer> | undefined

  constructor(pieces: readonly Uint8Array[]) {
    this.#pieces = pieces
    this.byteLength = pieces.reduce((sum, { length }) => sum + length, 0)
  }

  copy(target: Uint8Array<ArrayBuffer>, start: number): void {
    let at = start
    for (const piece of this.#pieces) {
      target.set(piece, at)
      at += piece.length
    }
    this.#copy = target
  }

  /**
   * It has been sent, and the copy is of no use any more.
   *
   * The memory of a large one is given back at once: V8 looks through the whole heap whenever some
   * 64 MiB of such memory have been used, which would cost ten times as much as all sending.
   */
  release(): void {
    const copy = this.#copy
    this.#copy = undefined
    // A small one has a part of memory that it shares with others.
    if (copy && copy.length === copy.buffer.byteLength) copy.buffer.transfer(0)
  }
}
