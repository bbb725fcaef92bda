import { type FileHandle, open, rename, rm, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { makeFolder } from './make-folder.ts'

/**
 * Replaces a file by one with this text, readable by its owner only; after a crash there is the old
 * one or the new one. Folders that are missing are made. What root writes belongs to whom the folder belongs to, so
 * that a command does not lock out the service that lives there. Not to be called twice at a time.
 *
 * What can be had again may be `hasty`: it outlives a killed process, but may be lost when the machine crashes.
 */
export async function writeAtomically(
  file: string,
  text: string,
  { hasty = false }: { readonly hasty?: boolean } = {},
): Promise<void> {
  const folder = dirname(file)
  await makeFolder(folder, 0o700)
  const temporary = `${file}.new`
  // One of an earlier crash, or a link that somebody put there.
  await rm(temporary, { force: true })
  const handle = await open(temporary, 'wx', 0o600)
  try {
    await giveTo(handle, folder)
    await handle.writeFile(text)
    if (!hasty) await handle.sync()
  } finally {
    await handle.close()
  }
  await rename(temporary, file)
  if (!hasty) await syncFolder(folder)
}

/** Makes what happened to the names in a folder last. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

async function giveTo(handle: FileHandle, folder: string): Promise<void> {
  if (process.getuid?.() !== 0) return
  const { uid, gid } = await stat(folder)
  if (uid === 0) return
  // In a user namespace the owner may be one that does not exist there; then the file stays ours.
  await handle.chown(uid, gid).catch(() => {})
}
