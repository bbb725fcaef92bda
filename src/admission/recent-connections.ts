import type { Socket } from 'node:net'

/** By which a connection is known, in any of the forms that Node shows it in. */
type ConnectionEnd = Pick<Socket, 'remoteAddress' | 'remotePort'>

/**
 * The connections of one address, so many at most. Who comes when there are too many takes the place of the one that
 * was silent for longest: whoever just holds connections keeps no API server out.
 */
export class RecentConnections {
  readonly #most: number
  /** The one that was silent for longest first. */
  readonly #sockets = new Map<string, Socket>()

  constructor(most: number) {
    this.#most = most
  }

  add(socket: Socket): void {
    const key = keyOf(socket)
    for (const silent of this.#sockets.values()) {
      if (this.#sockets.size < this.#most) break
      this.#sockets.delete(keyOf(silent))
      silent.destroy()
    }
    this.#sockets.set(key, socket)
    socket.once('close', () => {
      if (this.#sockets.get(key) === socket) this.#sockets.delete(key)
    })
  }

  /** A question came by it. */
  use(end: ConnectionEnd): void {
    const key = keyOf(end)
    const socket = this.#sockets.get(key)
    if (!socket) return
    this.#sockets.delete(key)
    this.#sockets.set(key, socket)
  }

  endAll(): void {
    for (const socket of this.#sockets.values()) socket.destroy()
  }
}

function keyOf({ remoteAddress = '', remotePort = 0 }: ConnectionEnd): string {
  return `${remoteAddress} ${remotePort}`
}
