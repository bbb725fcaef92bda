import { closeSync, openSync } from 'node:fs'
import { CodedError } from '../base/coded-error.ts'
import { libc } from './libc.ts'

/** The kernel does not let us into another network namespace. */
export class NamespaceDeniedError extends CodedError {
  override readonly code = 'SYS_NAMESPACE_DENIED'

  constructor(cause: unknown) {
    super('cannot enter another network namespace', {
      cause,
      hint: 'Grant CAP_SYS_ADMIN, and CAP_SYS_PTRACE where namespaces are found through /proc; the DaemonSet of a node agent has both.',
    })
  }
}

// As in <linux/sched.h>; equal on every architecture.
const cloneNewnet = 0x4000_0000

/**
 * Runs `work` with this thread in another network namespace, of which `fd` is a descriptor: sockets that it
 * makes belong there for good, and so do programs that it starts. Whatever happens, the thread comes back.
 *
 * `work` must not wait for anything: what a promise would do later is done at home. Other threads stay where they are.
 * @throws {NamespaceDeniedError} when the kernel does not let us in.
 */
export function inNetworkNamespace<T>(fd: number, work: () => T): T {
  const { abort, errno, setns } = libc()
  const home = openSync('/proc/thread-self/ns/net', 'r')
  try {
    if (setns(fd, cloneNewnet) !== 0) throw new NamespaceDeniedError(`errno ${errno()}`)
    try {
      return work()
    } finally {
      // Nothing that this process does from here on would be in its place.
      if (setns(home, cloneNewnet) !== 0) abort()
    }
  } finally {
    closeSync(home)
  }
}
