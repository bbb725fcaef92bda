import {
  createPublicKey,
  createPrivateKey as importPrivateKey,
  type KeyObject,
  randomUUID,
} from 'node:crypto'
import { link, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { calculateJwkThumbprint, exportJWK, type JWK } from 'jose'
import { CodedError } from '../base/coded-error.ts'
import { writeAtomically } from '../base/write-atomically.ts'
import { createPrivateKey, formatPrivateKey } from './key-pair.ts'
import { readPrivateFile } from './private-file.ts'

/** The file with the key that signs tokens holds something else. */
export class TokenKeyUnusableError extends CodedError {
  override readonly code = 'IDENTITY_TOKEN_KEY_UNUSABLE'

  constructor(file: string) {
    super(`${file} holds no ECDSA P-256 key in PEM`, {
      hint: 'Restore the file, or delete it: then a new key is made, and tokens that were given out before no longer count.',
    })
  }
}

/** The key that signs tokens. */
export interface TokenKey {
  readonly privateKey: KeyObject
  readonly publicKey: KeyObject
  /** RFC 7638. */
  readonly id: string
}

/** The file of a state folder with the key that signs tokens. */
export function tokenKeyFile(stateFolder: string): string {
  return join(stateFolder, 'token-key.pem')
}

/**
 * Reads the key, or makes one. Several processes may call it at once, and get the same.
 * @throws {SecretExposedError} when others may read it.
 * @throws {TokenKeyUnusableError} when it is no such key.
 */
export async function openTokenKey(stateFolder: string): Promise<TokenKey> {
  const file = tokenKeyFile(stateFolder)
  const text = (await readPrivateFile(file)) ?? (await makeKeyFile(file))
  const privateKey = tryImport(text)
  if (privateKey?.asymmetricKeyDetails?.namedCurve !== 'prime256v1') {
    throw new TokenKeyUnusableError(file)
  }
  const publicKey = createPublicKey(privateKey)
  return { privateKey, publicKey, id: await calculateJwkThumbprint(publicKey) }
}

/** What a verifier needs to know. */
export async function publicJwkOf({ publicKey, id }: TokenKey): Promise<JWK> {
  return { ...(await exportJWK(publicKey)), kid: id, alg: 'ES256', use: 'sig' }
}

function tryImport(text: string): KeyObject | undefined {
  try {
    return importPrivateKey(text)
  } catch {
    return undefined
  }
}

async function makeKeyFile(file: string): Promise<string> {
  const own = formatPrivateKey(await createPrivateKey())
  const temporary = `${file}.${randomUUID()}`
  await writeAtomically(temporary, own)
  try {
    // Unlike a rename, this does not replace the key that somebody else made meanwhile.
    await link(temporary, file)
    return own
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    return (await readPrivateFile(file)) ?? ''
  } finally {
    await rm(temporary, { force: true })
  }
}
