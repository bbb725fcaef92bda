import { Socket } from 'node:net'
import type { Clock } from '../base/clock.ts'
import { socketHost } from '../ip/socket-address.ts'
import type { DialTarget } from './dial-target.ts'

export type Dialled =
  | { readonly kind: 'connected'; readonly socket: Socket }
  /** `code` is the system's (`ECONNREFUSED`, …), or `ETIMEDOUT` after our own limit. */
  | { readonly kind: 'failed'; readonly code: string }

export interface DialOptions {
  readonly clock: Clock
  readonly timeoutMs: number
  /** Gives up, as if it had failed. */
  readonly signal: AbortSignal
  /**
   * Called with a TCP socket whose connection has not begun: the place to open it with a mark, so that
   * capture rules let it pass.
   */
  readonly markSocket?: ((socket: Socket) => void) | undefined
  /** For tests; a fresh socket by default. */
  readonly createSocket?: (() => Socket) | undefined
}

/** Connects within the time limit. The socket is half-open capable, and its errors are listened to. */
export async function dial(target: DialTarget, options: DialOptions): Promise<Dialled> {
  if (options.signal.aborted) return { kind: 'failed', code: 'ABORTED' }
  return new Promise((resolve) => {
    const socket = (options.createSocket ?? createHalfOpenSocket)()
    const settle = (dialled: Dialled) => {
      cancel()
      options.signal.removeEventListener('abort', onAbort)
      socket.off('connect', onConnect)
      if (dialled.kind === 'failed') socket.destroy()
      resolve(dialled)
    }
    const fail = (code: string) => settle({ kind: 'failed', code })
    const onConnect = () => settle({ kind: 'connected', socket })
    const onAbort = () => fail('ABORTED')
    const cancel = options.clock.after(options.timeoutMs, () => fail('ETIMEDOUT'))
    options.signal.addEventListener('abort', onAbort)
    // Stays for as long as the socket lives: what happens later shows in its end.
    socket.on('error', (error: NodeJS.ErrnoException) => fail(error.code ?? 'UNKNOWN'))
    socket.once('connect', onConnect)
    begin(socket, target, options)
  })
}

function begin(socket: Socket, target: DialTarget, { markSocket }: DialOptions): void {
  if (target.kind === 'unix') {
    socket.connect({ path: target.path.replace(/^@/, '\0') })
    return
  }
  socket.setNoDelay(true)
  socket.connect({ host: socketHost(target.at), port: target.at.port })
  // The handle exists, but the connection begins only when this turn of the event loop is over.
  markSocket?.(socket)
}

function createHalfOpenSocket(): Socket {
  return new Socket({ allowHalfOpen: true })
}
