import { CodedError } from '../base/coded-error.ts'
import { libc } from './libc.ts'
import { setSocketMark } from './socket-mark.ts'

/** The kernel gave us no socket, or refused to mark it. */
export class SocketOpenError extends CodedError {
  override readonly code = 'SYS_SOCKET_OPEN'

  constructor(transport: string) {
    super(`cannot open a ${transport} socket`, {
      hint: 'Look at the limit of open files (`ulimit -n`).',
    })
  }
}

// As in <sys/socket.h> and <bits/socket_type.h> of Linux; equal on x64 and arm64.
const afInet = 2
const afInet6 = 10
const sockStream = 1
const sockDgram = 2
const sockNonblock = 0x800
const sockCloexec = 0x80000

/**
 * A non-blocking socket whose traffic carries the mark; the caller owns the descriptor.
 *
 * Without CAP_NET_ADMIN it carries none: then only the user of the process tells its traffic apart.
 * @throws {SocketOpenError} when the kernel gives no socket.
 * @throws {SysUnsupportedError} when this is not Linux.
 */
export function openMarkedSocket(transport: 'udp' | 'tcp', family: 4 | 6, mark: number): number {
  const type = (transport === 'udp' ? sockDgram : sockStream) | sockNonblock | sockCloexec
  const fd = libc().socket(family === 4 ? afInet : afInet6, type, 0)
  if (fd < 0) throw new SocketOpenError(transport)
  setSocketMark(fd, mark)
  return fd
}
