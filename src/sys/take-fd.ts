import { libc } from './libc.ts'

// The same numbers on every architecture of Linux (5.6 and newer).
const pidfdOpen = 434
const pidfdGetfd = 438

/**
 * A copy of another process's file descriptor, such as a socket opened inside of a namespace; the
 * caller closes it. `undefined` when the kernel refuses: the process must be one that we may trace.
 * @throws {SysUnsupportedError} when this is not Linux.
 */
export function takeFd(pid: number, fd: number): number | undefined {
  const { syscall, close } = libc()
  const owner = syscall(pidfdOpen, pid, 0, 0)
  if (owner < 0) return undefined
  const copy = syscall(pidfdGetfd, owner, fd, 0)
  close(owner)
  return copy < 0 ? undefined : copy
}
