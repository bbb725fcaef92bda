import { open } from 'node:fs/promises'
import { CodedError } from '../base/coded-error.ts'

const mostOctets = 64 * 1024

/** A file that holds a secret can be read by others than its owner. */
export class SecretExposedError extends CodedError {
  override readonly code = 'IDENTITY_SECRET_EXPOSED'

  constructor(file: string, mode: number) {
    super(`${file} holds a secret and has mode 0${mode.toString(8)}: others may read it`, {
      hint: `Run \`chmod 600 ${file}\`; if somebody may have read it, replace what is in it.`,
    })
  }
}

/**
 * Reads a file with a secret, if there is one. As OpenSSH does, it refuses a file of ours that group or others may
 * read; one that belongs to another user is not ours to judge.
 * @throws {SecretExposedError} when others may read it.
 */
export async function readPrivateFile(file: string): Promise<string | undefined> {
  const handle = await open(file, 'r').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw error
  })
  if (!handle) return undefined
  try {
    const { mode, uid, size } = await handle.stat()
    if (uid === process.getuid?.() && (mode & 0o077) !== 0) {
      throw new SecretExposedError(file, mode & 0o777)
    }
    if (size > mostOctets)
      throw new RangeError(`${file} has ${size} octets, more than ${mostOctets}`)
    return await handle.readFile('utf8')
  } finally {
    await handle.close()
  }
}
