import { CodedError } from '../base/coded-error.ts'
import type { Name } from './name.ts'

/** The octets are not a DNS message. */
export class WireFormatError extends CodedError {
  override readonly code = 'WIRE_FORMAT'
  /** Where in the message the trouble is, counted from 0. */
  readonly offset: number

  constructor(reason: string, offset: number) {
    super(`not a DNS message: ${reason} at octet ${offset}`)
    this.offset = offset
  }
}

/**
 * Reads a message from front to back and never past its end.
 *
 * A part of a message has a reader of its own, which still sees what lies before it: that is where
 * compressed names point.
 */
export class Reader {
  /** The whole message. */
  readonly message: Uint8Array
  /** First octet that is not ours to read. */
  readonly end: number
  /** Names already read, by the offset they begin at; so that many pointers to one name cost one. */
  readonly names: Map<number, Name>
  #offset: number

  constructor(
    message: Uint8Array,
    offset = 0,
    end = message.length,
    names = new Map<number, Name>(),
  ) {
    this.message = message
    this.end = end
    this.names = names
    this.#offset = offset
  }

  get offset(): number {
    return this.#offset
  }

  get remaining(): number {
    return this.end - this.#offset
  }

  u8(): number {
    const at = this.skip(1)
    return this.message[at] ?? 0
  }

  u16(): number {
    const at = this.skip(2)
    return ((this.message[at] ?? 0) << 8) | (this.message[at + 1] ?? 0)
  }

  u32(): number {
    return this.u16() * 0x1_0000 + this.u16()
  }

  /** A copy of the next `count` octets. */
  octets(count: number): Uint8Array {
    const at = this.skip(count)
    return new Uint8Array(this.message.subarray(at, at + count))
  }

  /** A reader of the next `count` octets only; this one goes on behind them. */
  part(count: number): Reader {
    const at = this.skip(count)
    return new Reader(this.message, at, at + count, this.names)
  }

  /**
   * Goes on behind the next `count` octets and says where they began.
   * @throws {WireFormatError} when there are fewer.
   */
  skip(count: number): number {
    const at = this.#offset
    if (count > this.end - at) {
      throw new WireFormatError(`ends early (${count} octets wanted, ${this.end - at} left)`, at)
    }
    this.#offset = at + count
    return at
  }

  /** @throws {WireFormatError} when something is left that `what` did not account for. */
  expectEnd(what: string): void {
    if (this.#offset === this.end) return
    throw new WireFormatError(
      `${this.end - this.#offset} octets left over behind ${what}`,
      this.#offset,
    )
  }
}
