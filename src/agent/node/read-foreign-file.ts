import { closeSync, constants } from 'node:fs'
import { open, stat } from 'node:fs/promises'
import { openInRoot } from '../../sys/open-in-root.ts'

/** A file as somebody else sees it. */
export interface ForeignFile {
  /** The folder that is his root. */
  readonly root: string
  readonly path: string
}

/**
 * The text of a small file that a pod may have made: its links lead nowhere but to its own files, and nothing else that is
 * at its place is opened, such as a pipe or a device. `undefined` when there is none, or it has more octets.
 */
export async function readForeignFile(
  { root, path }: ForeignFile,
  mostOctets = 65_536,
): Promise<string | undefined> {
  const fd = await openInRoot(root, path)
  if (fd === undefined) return undefined
  try {
    const place = `/proc/self/fd/${fd}`
    if (!(await stat(place)).isFile()) return undefined
    await using file = await open(place, constants.O_RDONLY | constants.O_NONBLOCK)
    const room = Buffer.alloc(mostOctets + 1)
    const { bytesRead: length } = await file.read(room, 0, room.length, 0)
    return length > mostOctets ? undefined : room.toString('utf8', 0, length)
  } catch {
    return undefined
  } finally {
    closeSync(fd)
  }
}
