import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { type SocketAddress, socketHost } from '../../src/ip/socket-address.ts'

/** A connection that says whatever the test wants said. */
export class RawClient {
  readonly #socket: Socket
  #isClosed = false

  private constructor(socket: Socket) {
    this.#socket = socket
    socket.on('error', () => {})
    socket.once('close', () => {
      this.#isClosed = true
    })
    socket.resume()
  }

  static async plain(where: SocketAddress, from = '127.0.0.1'): Promise<RawClient> {
    const to = { host: socketHost(where), port: where.port, localAddress: from }
    const client = new RawClient(connect(to))
    await client.#until('connect')
    return client
  }

  /** After the handshake, without a certificate. */
  static async tls(where: SocketAddress): Promise<RawClient> {
    const to = { host: socketHost(where), port: where.port, localAddress: '127.0.0.1' }
    const socket = connectTls({ ...to, rejectUnauthorized: false, ALPNProtocols: ['h2'] })
    const client = new RawClient(socket)
    await client.#until('secureConnect')
    return client
  }

  get isClosed(): boolean {
    return this.#isClosed
  }

  /** Resolves when there is room for more, or nobody to say it to. */
  async say(octets: Uint8Array): Promise<void> {
    if (this.#isClosed || this.#socket.write(octets)) return
    await this.#until('drain')
  }

  /** Says it again and again until it is cut off; so many times at most. */
  async sayUntilCutOff(most: number, make: (index: number) => Uint8Array): Promise<void> {
    for (let index = 0; index < most && !this.#isClosed; index += 1) await this.say(make(index))
    await this.cutOff()
  }

  /** Resolves when the other end has closed. */
  async cutOff(): Promise<void> {
    if (!this.#isClosed) await this.#until('close')
  }

  close(): void {
    this.#socket.destroy()
  }

  async #until(event: 'connect' | 'secureConnect' | 'drain' | 'close'): Promise<void> {
    const stop = new AbortController()
    const { signal } = stop
    const waits = [once(this.#socket, event, { signal }), once(this.#socket, 'close', { signal })]
    await Promise.race(waits.map((wait) => wait.catch(() => {})))
    stop.abort()
  }
}
