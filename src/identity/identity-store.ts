import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import type { Log } from '../base/log.ts'
import { writeAtomically } from '../base/write-atomically.ts'
import { readPrivateFile } from './private-file.ts'

/** What a machine keeps of its identity; all texts PEM, empty for none. */
const Saved = z.strictObject({
  version: z.literal(1),
  /** Goes with tokens: one works with the first key that it was used with only. */
  tokenKey: z.string(),
  key: z.string(),
  chain: z.string(),
  roots: z.string(),
  rootsFileHash: z.string(),
})
export type SavedIdentity = z.infer<typeof Saved>

/** The file of a state folder that a machine's identity is kept in. */
export function identityFile(stateFolder: string): string {
  return join(stateFolder, 'identity.json')
}

/**
 * What was saved last; nothing when there is no such file, or none that can be used.
 * @throws {SecretExposedError} when others may read it.
 */
export async function loadIdentity(
  stateFolder: string,
  log: Log,
): Promise<SavedIdentity | undefined> {
  const file = identityFile(stateFolder)
  const text = await readPrivateFile(file)
  if (text === undefined) return undefined
  const parsed = Saved.safeParse(tryParseJson(text))
  if (parsed.success) return parsed.data
  // Nothing of the text: it holds a key.
  log.warn({ file }, 'the identity of this machine cannot be read, and is begun anew')
  return undefined
}

export async function saveIdentity(stateFolder: string, saved: SavedIdentity): Promise<void> {
  await writeAtomically(identityFile(stateFolder), `${JSON.stringify(saved)}\n`)
}

/** A certificate as Istio's agents write it for other programs. */
export interface CertificateFolder {
  readonly key: string
  readonly chain: string
  readonly roots: string
}

/** Writes the files that Istio's OUTPUT_CERTS has. */
export async function writeCertificateFolder(
  folder: string,
  { key, chain, roots }: CertificateFolder,
): Promise<void> {
  await writeAtomically(join(folder, 'root-cert.pem'), roots)
  await writeAtomically(join(folder, 'key.pem'), key)
  await writeAtomically(join(folder, 'cert-chain.pem'), chain)
}

/**
 * Reads key and chain of such a folder; nothing when one of them is missing.
 * @throws {SecretExposedError} when others may read the key.
 */
export async function readCertificateFolder(
  folder: string,
): Promise<Pick<CertificateFolder, 'key' | 'chain'> | undefined> {
  const key = await readPrivateFile(join(folder, 'key.pem'))
  const chain = await readFile(join(folder, 'cert-chain.pem'), 'utf8').catch(() => undefined)
  return key === undefined || chain === undefined ? undefined : { key, chain }
}

function tryParseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
