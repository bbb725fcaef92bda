import { connect, type Socket } from 'node:net'
import type { SocketAddress } from '../ip/socket-address.ts'
import { FrameReader } from '../serve/frame-reader.ts'

/** A client that keeps what it gets: the IDs of the replies, and that the server closed. */
export class DnsTcpClient {
  readonly replies: number[] = []
  readonly messages: Uint8Array[] = []
  closed = false
  ended = false
  readonly socket: Socket

  constructor({ address, port }: SocketAddress) {
    this.socket = connect({ port, host: address, noDelay: true, allowHalfOpen: true })
    const frames = new FrameReader(65_535)
    this.socket.on('data', (chunk) => {
      frames.push(chunk)
      for (let frame = frames.next(); frame?.kind === 'message'; frame = frames.next()) {
        this.messages.push(frame.octets)
        this.replies.push(Buffer.from(frame.octets).readUInt16BE(0))
      }
    })
    this.socket.on('end', () => {
      this.ended = true
    })
    this.socket.on('error', () => {})
    this.socket.on('close', () => {
      this.closed = true
    })
  }

  async write(octets: Uint8Array): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    this.socket.write(octets, () => resolve())
    await promise
  }

  get gone(): boolean {
    return this.ended || this.closed
  }
}
