import type { Socket } from 'node:net'

/** Breaks a connection off so that the other side sees a reset (RST), not an orderly end. */
export function reset(socket: Socket): void {
  if (socket.destroyed) return
  try {
    socket.resetAndDestroy()
  } catch {
    // Unix sockets know no reset: closing with unread data is what comes nearest.
    socket.destroy()
  }
}
