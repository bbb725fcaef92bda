import { constants, open } from 'node:fs/promises'

/**
 * The text of a small file that a pod may have made: nothing else that is at its place is waited for, such as a pipe.
 * `undefined` when there is none, or it has more octets.
 */
export async function readForeignFile(
  path: string,
  mostOctets = 65_536,
): Promise<string | undefined> {
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK).catch(() => undefined)
  if (!file) return undefined
  try {
    if (!(await file.stat()).isFile()) return undefined
    const room = Buffer.alloc(mostOctets + 1)
    const { bytesRead: length } = await file.read(room, 0, room.length, 0)
    return length > mostOctets ? undefined : room.toString('utf8', 0, length)
  } catch {
    return undefined
  } finally {
    await file.close()
  }
}
