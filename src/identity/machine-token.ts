import { open } from 'node:fs/promises'
import { decodeJwt } from 'jose/jwt/decode'
import { type Account, tryParseAccount } from './account-names.ts'

/** Far more than a service account's token has. */
const mostOctets = 16_384

/** The token of a file, read anew: it may have been replaced. Nothing when there is none. */
export async function readMachineToken(file: string): Promise<string | undefined> {
  try {
    const handle = await open(file, 'r')
    try {
      const { buffer, bytesRead } = await handle.read(Buffer.alloc(mostOctets), 0, mostOctets, 0)
      const token = buffer.toString('latin1', 0, bytesRead).trim()
      // Whatever else is in the file must not end up in a header, or in an error about it.
      return /^[\w.+/=-]+$/.test(token) ? token : undefined
    } finally {
      await handle.close()
    }
  } catch {
    return undefined
  }
}

/** Whom a token is for, by its own word: for its holder, who believes nothing because of it. */
export function readTokenAccount(token: string): Account | undefined {
  try {
    return tryParseAccount(decodeJwt(token).sub ?? '')
  } catch {
    return undefined
  }
}
