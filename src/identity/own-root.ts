import { createPrivateKey as importPrivateKey } from 'node:crypto'
import { CaUnusableError } from './ca-files.ts'
import { type CaStore, caFileNames } from './ca-store.ts'
import { backdatedMs, issueRoot } from './issue-certificate.ts'
import { createPrivateKey, formatPrivateKey, trySignerOf } from './key-pair.ts'

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
 * short: the root is made of it. Answers whether there is a new one; of several that come at once, one makes it.
 * @throws {SecretExposedError} when others may read the key.
 */
export async function ensureOwnRoot(
  store: CaStore,
  trustDomain: string,
  nowMs: number,
): Promise<boolean> {
  const { files, isTaken } = await store.load()
  if (isTaken) return false
  const root = await createOwnRoot(trustDomain, nowMs, files[caFileNames.key]).catch(() => {
    // The cause is not passed on: nothing of a key's text may reach a log.
    throw new CaUnusableError(
      store.place,
      `${caFileNames.key} is alone there, and no root can be made of it`,
    )
  })
  // In this order, so that each state in between can be gone on from.
  return await store.change([
    [caFileNames.key, root.key],
    [caFileNames.certificate, root.certificate],
    [caFileNames.roots, root.certificate],
  ])
}
