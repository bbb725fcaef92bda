import type { Socket } from 'node:net'
import type { Clock } from '../base/clock.ts'
import type { Cell } from '../base/meters.ts'
import { reset } from './reset.ts'

/** How a carried connection came to its end. */
export type Ending = 'ended' | 'reset' | 'idle' | 'stopped'

export interface Carriage {
  readonly client: Socket
  readonly endpoint: Socket
  /** What was already read from the client. */
  readonly head: Buffer
}

export interface CarryOptions {
  readonly clock: Clock
  readonly idleTimeoutMs: number
  readonly toEndpoint: Cell
  readonly toClient: Cell
  /** Resets both sides at once. */
  readonly signal: AbortSignal
}

/**
 * Carries both directions until both are over; resolves when both sockets are closed.
 *
 * A direction that ends is ended on the other side, and the opposite one goes on (both sockets need
 * `allowHalfOpen`). A side that breaks off takes the other with it. What a slow reader does not take
 * is not read from the writer: a direction holds four chunks of 64 KiB at most.
 */
export function carry({ client, endpoint, head }: Carriage, options: CarryOptions) {
  return new Promise<Ending>((resolve) => {
    let ending: Ending = 'ended'
    let open = 2
    const breakOff = (how: Ending) => {
      if (ending === 'ended') ending = how
      reset(client)
      reset(endpoint)
    }
    const idle = new IdleTimer(options.clock, options.idleTimeoutMs, () => breakOff('idle'))
    const onAbort = () => breakOff('stopped')
    options.signal.addEventListener('abort', onAbort)

    const watch = (socket: Socket) => {
      const onClose = () => {
        if (!socket.readableEnded || !socket.writableFinished) breakOff('reset')
        open -= 1
        if (open > 0) return
        idle.stop()
        options.signal.removeEventListener('abort', onAbort)
        resolve(ending)
      }
      if (socket.destroyed) onClose()
      else socket.once('close', onClose)
    }
    const join = (from: Socket, to: Socket, carried: Cell) => {
      from.on('data', (chunk: Buffer) => {
        idle.touch()
        carried.value += chunk.length
        if (!to.write(chunk)) from.pause()
      })
      to.on('drain', () => {
        idle.touch()
        from.resume()
      })
      if (from.readableEnded) to.end()
      else from.once('end', () => to.end())
      from.resume()
    }
    watch(client)
    watch(endpoint)
    if (head.length > 0) {
      options.toEndpoint.value += head.length
      endpoint.write(head)
    }
    join(client, endpoint, options.toEndpoint)
    join(endpoint, client, options.toClient)
    if (options.signal.aborted) onAbort()
  })
}

/** Fires when nothing was touched for a time; touching costs nothing but a look at the clock. */
class IdleTimer {
  readonly #clock: Clock
  readonly #idleMs: number
  readonly #onIdle: () => void
  #touchedAt: number
  #cancel: () => void

  constructor(clock: Clock, idleMs: number, onIdle: () => void) {
    this.#clock = clock
    this.#idleMs = idleMs
    this.#onIdle = onIdle
    this.#touchedAt = clock.now()
    this.#cancel = clock.after(idleMs, () => this.#check())
  }

  touch(): void {
    this.#touchedAt = this.#clock.now()
  }

  stop(): void {
    this.#cancel()
  }

  #check(): void {
    const restMs = this.#touchedAt + this.#idleMs - this.#clock.now()
    if (restMs <= 0) this.#onIdle()
    else this.#cancel = this.#clock.after(restMs, () => this.#check())
  }
}
