import { createPrivateKey, X509Certificate } from 'node:crypto'
import { CodedError } from '../base/coded-error.ts'
import { checkCa } from './ca-files.ts'
import { type CaChange, type CaStore, type CaTexts, caFileNames } from './ca-store.ts'
import { formatCertificates } from './certificates.ts'
import { createOwnRoot } from './own-root.ts'

/** A step of the rotation of a root was asked for out of turn. */
export class RotationOutOfTurnError extends CodedError {
  override readonly code = 'IDENTITY_ROTATION_OUT_OF_TURN'

  constructor(place: string, reason: string) {
    super(`the root in ${place} cannot be rotated so: ${reason}`, {
      hint: 'First add the next root, wait until every agent has renewed its certificate, activate it, wait for the longest lifetime of a certificate, then retire the old ones.',
    })
  }
}

/**
 * First step of a rotation: makes the next root, which is trusted from now on and signs nothing yet. Agents learn
 * of it with their next certificate.
 * @throws {RotationOutOfTurnError} when there is a next one already.
 * @throws {CaUnusableError} when the present one is in no order.
 */
export async function addNextRoot(store: CaStore, nowMs: number): Promise<void> {
  const { files } = await store.load()
  if (nextOf(files)) throw new RotationOutOfTurnError(store.place, 'a next root is there already')
  const { root, roots } = checkCa(files, store.place, nowMs)
  const next = await createOwnRoot(organizationOf(root), nowMs)
  await change(store, [
    [caFileNames.nextKey, next.key],
    [caFileNames.roots, formatCertificates([...roots, new X509Certificate(next.certificate)])],
    [caFileNames.nextCertificate, next.certificate],
  ])
}

/**
 * Second step: the next root signs from now on; old ones stay trusted.
 * @throws {RotationOutOfTurnError} when there is no next root.
 */
export async function activateNextRoot(store: CaStore): Promise<void> {
  const { files } = await store.load()
  const key = files[caFileNames.nextKey]
  if (key === undefined || !nextOf(files)) {
    throw new RotationOutOfTurnError(store.place, 'no next root was added')
  }
  await change(store, [[caFileNames.key, key], ...afterTheKey(files)])
}

/** Goes on with an activation that was cut short between its two files; does nothing where there was none. */
export async function resumeActivation(store: CaStore): Promise<void> {
  const { files } = await store.load()
  const next = nextOf(files)
  if (next && isKeyOf(files[caFileNames.key], next)) await change(store, afterTheKey(files))
}

function afterTheKey(files: CaTexts['files']): readonly CaChange[] {
  return [
    [caFileNames.certificate, files[caFileNames.nextCertificate]],
    // It led from the old certificate to the old root.
    [caFileNames.chain, undefined],
    [caFileNames.nextKey, undefined],
    [caFileNames.nextCertificate, undefined],
  ]
}

/**
 * Third step: only the root that signs now is trusted from here on.
 * @throws {RotationOutOfTurnError} when certificates of the old ones may still count.
 */
export async function retireOldRoots(
  store: CaStore,
  nowMs: number,
  longestCertificateSeconds: number,
): Promise<void> {
  const { files, signsSince } = await store.load()
  const { root } = checkCa(files, store.place, nowMs)
  const safeMs = signsSince + longestCertificateSeconds * 1_000
  if (nowMs < safeMs) {
    const when = new Date(safeMs).toISOString()
    const reason = `certificates of the old root may count until ${when}`
    throw new RotationOutOfTurnError(store.place, reason)
  }
  await change(store, [[caFileNames.roots, formatCertificates([root])]])
}

/** The root that was added and not activated yet. */
export function nextOf(files: CaTexts['files']): X509Certificate | undefined {
  const text = files[caFileNames.nextCertificate]
  // One that signs already is what an activation left that was cut short at its end.
  if (text === undefined || text === files[caFileNames.certificate]) return undefined
  return new X509Certificate(text)
}

function isKeyOf(key: string | undefined, certificate: X509Certificate): boolean {
  try {
    return key !== undefined && certificate.checkPrivateKey(createPrivateKey(key))
  } catch {
    return false
  }
}

async function change(store: CaStore, changes: readonly CaChange[]): Promise<void> {
  if (await store.change(changes)) return
  throw new RotationOutOfTurnError(store.place, 'somebody else changed it at the same time')
}

/** It is called as the present one is. */
function organizationOf({ subject }: X509Certificate): string {
  return /^O=(.+)$/m.exec(subject)?.[1] ?? 'meshdns'
}
