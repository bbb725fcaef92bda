import { libc } from './libc.ts'

const afNetlink = 16
const sockRaw = 3
const sockNonblock = 0o4000
const sockCloexec = 0o2000000
const netlinkNetfilter = 12

/**
 * A socket to netfilter (nfnetlink) of the network namespace that the thread is in, for good; the caller closes it.
 * `undefined` when the kernel has none.
 * @throws {SysUnsupportedError} when this is not Linux.
 */
export function openNetfilterSocket(): number | undefined {
  const type = sockRaw | sockNonblock | sockCloexec
  const fd = libc().socket(afNetlink, type, netlinkNetfilter)
  return fd < 0 ? undefined : fd
}
