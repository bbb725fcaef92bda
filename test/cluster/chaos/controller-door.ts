import { once } from 'node:events'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { pipeline } from 'node:stream'
import type { SocketAddress } from '../../../src/ip/socket-address.ts'

/** The same address for whatever controller comes after another: a socket of the file system. */
export class ControllerDoor implements AsyncDisposable {
  readonly path: string
  readonly #server: Server
  readonly #sockets = new Set<Socket>()
  /** Where it leads; nowhere while there is none. */
  behind: SocketAddress | undefined

  private constructor(path: string) {
    this.path = path
    this.#server = createServer((near) => this.#carry(near))
  }

  static async open(path: string): Promise<ControllerDoor> {
    const door = new ControllerDoor(path)
    door.#server.listen(path)
    await once(door.#server, 'listening')
    return door
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = once(this.#server, 'close')
    this.#server.close()
    for (const socket of this.#sockets) socket.destroy()
    await closed
  }

  #carry(near: Socket): void {
    const { behind } = this
    near.on('error', () => {})
    if (!behind) {
      near.destroy()
      return
    }
    const far = connect(behind.port, behind.address)
    for (const socket of [near, far]) {
      this.#sockets.add(socket)
      socket.once('close', () => this.#sockets.delete(socket))
    }
    pipeline(near, far, near, () => {})
  }
}
