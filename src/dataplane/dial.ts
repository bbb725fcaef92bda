import { Socket } from 'node:net'
import type { Clock } from '../base/clock.ts'
import { familyOf, type IpFamily } from '../ip/address.ts'
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
  readonly openSocket?: OpenSocket | undefined
  /** For tests; a fresh socket by default. */
  readonly createSocket?: (() => Socket) | undefined
}

/**
 * Makes a non-blocking TCP socket and gives its descriptor away; for instance one that carries the
 * mark (SO_MARK) by which capture rules let it pass.
 */
export type OpenSocket = (family: IpFamily) => number

/** Connects within the time limit. The socket is half-open capable, and its errors are listened to. */
export async function dial(target: DialTarget, options: DialOptions): Promise<Dialled> {
  if (options.signal.aborted) return { kind: 'failed', code: 'ABORTED' }
  return new Promise((resolve) => {
    const socket = options.createSocket?.() ?? createSocket(target, options.openSocket)
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
    begin(socket, target)
  })
}

function begin(socket: Socket, target: DialTarget): void {
  if (target.kind === 'unix') {
    socket.connect({ path: target.path.replace(/^@/, '\0') })
    return
  }
  socket.setNoDelay(true)
  socket.connect({ host: socketHost(target.at), port: target.at.port })
}

function createSocket(target: DialTarget, openSocket: OpenSocket | undefined): Socket {
  if (target.kind === 'unix' || !openSocket) return new Socket({ allowHalfOpen: true })
  const fd = openSocket(familyOf(target.at.address))
  // Without `manualStart` Node reads at once, which fails since nothing is connected yet.
  const options = { fd, allowHalfOpen: true, readable: true, writable: true, manualStart: true }
  return new Socket(options)
}
