import { X509Certificate } from 'node:crypto'
import { readFile, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { CodedError } from '../base/coded-error.ts'
import { writeAtomically } from '../base/write-atomically.ts'
import { caFileNames, readCaFiles } from './ca-files.ts'
import { formatCertificates } from './certificates.ts'
import { createOwnRoot } from './own-root.ts'

const nextFileNames = { certificate: 'next-ca-cert.pem', key: 'next-ca-key.pem' } as const

/** A step of the rotation of a root was asked for out of turn. */
export class RotationOutOfTurnError extends CodedError {
  override readonly code = 'IDENTITY_ROTATION_OUT_OF_TURN'

  constructor(folder: string, reason: string) {
    super(`the root in ${folder} cannot be rotated so: ${reason}`, {
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
export async function addNextRoot(folder: string, nowMs: number): Promise<void> {
  if (await exists(join(folder, nextFileNames.certificate))) {
    throw new RotationOutOfTurnError(folder, 'a next root is there already')
  }
  const { root, roots } = await readCaFiles(folder, nowMs)
  const next = await createOwnRoot(organizationOf(root), nowMs)
  await writeAtomically(join(folder, nextFileNames.key), next.key)
  const bundle = formatCertificates([...roots, new X509Certificate(next.certificate)])
  await writeAtomically(join(folder, caFileNames.roots), bundle)
  await writeAtomically(join(folder, nextFileNames.certificate), next.certificate)
}

/**
 * Second step: the next root signs from now on; old ones stay trusted.
 * @throws {RotationOutOfTurnError} when there is no next root.
 */
export async function activateNextRoot(folder: string): Promise<void> {
  if (!(await exists(join(folder, nextFileNames.certificate)))) {
    throw new RotationOutOfTurnError(folder, 'no next root was added')
  }
  await finishActivation(folder, { isAsked: true })
}

/** Goes on with an activation that was cut short between its two files; does nothing where there was none. */
export async function resumeActivation(folder: string): Promise<void> {
  const cutShort =
    (await exists(join(folder, nextFileNames.certificate))) &&
    !(await exists(join(folder, nextFileNames.key)))
  if (cutShort) await finishActivation(folder, { isAsked: false })
}

async function finishActivation(
  folder: string,
  { isAsked }: { readonly isAsked: boolean },
): Promise<void> {
  if (isAsked) await rename(join(folder, nextFileNames.key), join(folder, caFileNames.key))
  await rename(join(folder, nextFileNames.certificate), join(folder, caFileNames.certificate))
  // It led from the old certificate to the old root.
  await rm(join(folder, caFileNames.chain), { force: true })
}

/**
 * Third step: only the root that signs now is trusted from here on.
 * @throws {RotationOutOfTurnError} when certificates of the old ones may still count.
 */
export async function retireOldRoots(
  folder: string,
  nowMs: number,
  longestCertificateSeconds: number,
): Promise<void> {
  const { root } = await readCaFiles(folder, nowMs)
  const { ctimeMs } = await stat(join(folder, caFileNames.certificate))
  const safeMs = ctimeMs + longestCertificateSeconds * 1_000
  if (nowMs < safeMs) {
    const when = new Date(safeMs).toISOString()
    throw new RotationOutOfTurnError(folder, `certificates of the old root may count until ${when}`)
  }
  await writeAtomically(join(folder, caFileNames.roots), formatCertificates([root]))
}

/** The root that was added and not activated yet. */
export async function readNextRoot(folder: string): Promise<X509Certificate | undefined> {
  const file = join(folder, nextFileNames.certificate)
  return (await exists(file)) ? new X509Certificate(await readFile(file)) : undefined
}

/** It is called as the present one is. */
function organizationOf({ subject }: X509Certificate): string {
  return /^O=(.+)$/m.exec(subject)?.[1] ?? 'meshdns'
}

async function exists(file: string): Promise<boolean> {
  return await stat(file).then(
    () => true,
    () => false,
  )
}
