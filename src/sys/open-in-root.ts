import { open } from 'node:fs/promises'
import { libc } from './libc.ts'

// As in <fcntl.h> and <linux/openat2.h>; equal on x64 and arm64.
const openPath = 0o10000000
const openCloexec = 0o2000000
const resolveNoMagiclinks = 2
const resolveInRoot = 0x10

/** struct open_how: flags, mode, resolve. Stays where it is while calls are under way. */
const how = new Uint8Array(
  BigUint64Array.of(BigInt(openPath | openCloexec), 0n, BigInt(resolveInRoot | resolveNoMagiclinks))
    .buffer,
)

/**
 * A place among the files below a folder that somebody else has as his root: links lead to where they lead for him, never
 * out of it. The descriptor, which the caller closes, only names the place (O_PATH): nothing happens that opening a device
 * causes. `undefined` when nothing is there, or the kernel is older than 5.6.
 * @throws {SysUnsupportedError} when this is not Linux.
 */
export async function openInRoot(root: string, path: string): Promise<number | undefined> {
  const { openat2 } = libc()
  const folder = await open(root, openPath | openCloexec).catch(() => undefined)
  if (!folder) return undefined
  const { promise, resolve } = Promise.withResolvers<number>()
  openat2(folder.fd, path, how, resolve)
  const fd = await promise
  await folder.close()
  return fd < 0 ? undefined : fd
}
