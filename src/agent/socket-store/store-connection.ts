import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import type { Clock } from '../../base/clock.ts'
import { followLines } from './follow-lines.ts'
import { maxReplyOctets, readReply, type StoreReply, type StoreRequest } from './store-messages.ts'

/** A starved machine keeps both ends late; to go on without its sockets costs more than to wait. */
const patienceMs = 30_000

/** A connection to a store; what goes wrong ends it. */
export class StoreConnection {
  readonly #socket: Socket
  readonly #clock: Clock
  readonly #waiting: ((reply: StoreReply) => void)[] = []

  private constructor(socket: Socket, clock: Clock) {
    this.#socket = socket
    this.#clock = clock
    followLines(socket, maxReplyOctets, (line) => {
      const reply = readReply(line)
      const next = this.#waiting.shift()
      if (reply && next) next(reply)
      else socket.destroy()
    })
    socket.on('error', () => {})
    socket.once('close', () => {
      for (const answer of this.#waiting.splice(0)) answer({ fault: 'the store is gone' })
    })
  }

  /** `undefined` when nobody listens. */
  static async open(path: string, clock: Clock): Promise<StoreConnection | undefined> {
    const socket = connect(path)
    try {
      await once(socket, 'connect')
      return new StoreConnection(socket, clock)
    } catch {
      socket.destroy()
      return undefined
    }
  }

  get isOpen(): boolean {
    return !this.#socket.destroyed
  }

  /** What cannot be done has its reply, too; never fails. */
  async ask(request: StoreRequest): Promise<StoreReply> {
    if (!this.isOpen) return { fault: 'the store is gone' }
    const { promise, resolve } = Promise.withResolvers<StoreReply>()
    this.#waiting.push(resolve)
    this.#socket.write(`${JSON.stringify(request)}\n`)
    const cancel = this.#clock.after(patienceMs, () => this.#socket.destroy())
    try {
      return await promise
    } finally {
      cancel()
    }
  }

  onClose(tell: () => void): void {
    if (this.isOpen) this.#socket.once('close', tell)
    else tell()
  }

  close(): void {
    this.#socket.destroy()
  }
}
