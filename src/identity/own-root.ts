import { createPrivateKey as importPrivateKey } from 'node:crypto'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { writeAtomically } from '../base/write-atomically.ts'
import { CaUnusableError, caFileNames } from './ca-files.ts'
import { backdatedMs, issueRoot } from './issue-certificate.ts'
import { createPrivateKey, formatPrivateKey, trySignerOf } from './key-pair.ts'
import { readPrivateFile } from './private-file.ts'

/** Ten years, as Istio's. */
const rootLifetimeMs = 3_650 * 86_400_000

/** A root of our own, PEM. */
export interface OwnRoot {
  readonly certificate: string
  readonly key: string
}

/** Makes a root, with a new key unless there is one; `nowMs` since 1970. */
export async function createOwnRoot(
  trustDomain: string,
  nowMs: number,
  existingKey?: string,
): Promise<OwnRoot> {
  const privateKey =
    existingKey === undefined ? await createPrivateKey() : importPrivateKey(existingKey)
  const signer = trySignerOf(privateKey)
  if (!signer) throw new TypeError('a root needs an RSA or ECDSA key')
  const certificate = await issueRoot({
    privateKey,
    signer,
    trustDomain,
    notBefore: nowMs - backdatedMs,
    notAfter: nowMs + rootLifetimeMs,
  })
  return { certificate, key: formatPrivateKey(privateKey) }
}

/**
 * Makes a root where no CA's files are. A key without anything else is what a first start leaves that was cut
 * short: the root is made of it. Answers whether there is a new one.
 * @throws {SecretExposedError} when others may read the key.
 */
export async function ensureOwnRoot(
  folder: string,
  trustDomain: string,
  nowMs: number,
): Promise<boolean> {
  const known: readonly string[] = Object.values(caFileNames)
  const present = (await readNames(folder)).filter((name) => known.includes(name))
  if (present.some((name) => name !== caFileNames.key)) return false
  const key = await readPrivateFile(join(folder, caFileNames.key))
  const root = await createOwnRoot(trustDomain, nowMs, key).catch(() => {
    // The cause is not passed on: nothing of a key's text may reach a log.
    throw new CaUnusableError(
      folder,
      `${caFileNames.key} is alone there, and no root can be made of it`,
    )
  })
  // In this order, so that each state in between can be gone on from.
  await writeAtomically(join(folder, caFileNames.key), root.key)
  await writeAtomically(join(folder, caFileNames.certificate), root.certificate)
  await writeAtomically(join(folder, caFileNames.roots), root.certificate)
  return true
}

async function readNames(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
}
