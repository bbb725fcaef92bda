import { libc } from './libc.ts'

const solSocket = 1
const soMark = 36

/**
 * Puts a mark (`SO_MARK`) on everything that the socket sends from here on; capture rules let it pass.
 *
 * False when the kernel refuses, which it does without CAP_NET_ADMIN.
 * @throws {SysUnsupportedError} when this is not Linux.
 */
export function setSocketMark(fd: number, mark: number): boolean {
  const value = new Uint8Array(Uint32Array.of(mark).buffer)
  return libc().setsockopt(fd, solSocket, soMark, value, value.length) === 0
}
