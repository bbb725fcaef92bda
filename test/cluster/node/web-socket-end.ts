import { createHash } from 'node:crypto'
import type { Duplex } from 'node:stream'

const magic = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11'
const opcodes = { binary: 2, close: 8 } as const

/** The server's end of a WebSocket that carries binary messages (RFC 6455), as far as tests need one. */
export class WebSocketEnd {
  readonly #stream: Duplex
  #kept: Buffer

  /** Accepts an upgrade. */
  constructor(
    stream: Duplex,
    request: { readonly key: string; readonly protocol: string },
    head: Buffer,
  ) {
    this.#stream = stream
    this.#kept = head
    const accept = createHash('sha1')
      .update(request.key + magic)
      .digest('base64')
    const lines = [
      'HTTP/1.1 101 Switching Protocols',
      'Upgrade: websocket',
      'Connection: Upgrade',
      `Sec-WebSocket-Accept: ${accept}`,
      `Sec-WebSocket-Protocol: ${request.protocol}`,
    ]
    stream.write(`${lines.join('\r\n')}\r\n\r\n`)
  }

  send(message: Buffer): void {
    this.#frame(opcodes.binary, message)
  }

  close(): void {
    this.#frame(opcodes.close, Buffer.alloc(0))
    this.#stream.end()
  }

  /** Each message as it comes, until the other end closes. */
  async *messages(): AsyncGenerator<Buffer> {
    for await (const chunk of this.#stream) {
      this.#kept = Buffer.concat([this.#kept, chunk as Buffer])
      for (let frame = this.#take(); frame; frame = this.#take()) {
        if (frame.opcode === opcodes.close) return
        if (frame.opcode === opcodes.binary) yield frame.content
      }
    }
  }

  #frame(opcode: number, content: Buffer): void {
    const { length } = content
    const head = Buffer.of(0x80 | opcode, length < 126 ? length : 127)
    const long = Buffer.alloc(length < 126 ? 0 : 8)
    if (length >= 126) long.writeBigUInt64BE(BigInt(length))
    this.#stream.write(Buffer.concat([head, long, content]))
  }

  /** A whole frame of a client, whose content is masked; none when it is not all here. */
  #take(): { readonly opcode: number; readonly content: Buffer } | undefined {
    const kept = this.#kept
    if (kept.length < 2) return undefined
    const short = kept.readUInt8(1) & 0x7f
    const more = short === 126 ? 2 : short === 127 ? 8 : 0
    const start = 2 + more + 4
    if (kept.length < start) return undefined
    const length =
      more === 0 ? short : more === 2 ? kept.readUInt16BE(2) : Number(kept.readBigUInt64BE(2))
    if (kept.length < start + length) return undefined
    const mask = kept.subarray(start - 4, start)
    const content = Buffer.from(kept.subarray(start, start + length))
    for (const [at, octet] of content.entries()) content[at] = octet ^ (mask[at % 4] ?? 0)
    this.#kept = kept.subarray(start + length)
    return { opcode: kept.readUInt8(0) & 0x0f, content }
  }
}
