import type { X509Certificate } from 'node:crypto'
import { readCaFiles } from './ca-files.ts'
import { validityOf } from './certificates.ts'
import { readNextRoot } from './rotate-root.ts'

/** A root for people; times are ISO 8601. */
export interface RootDescription {
  readonly subject: string
  /** `signs`: certificates are made under it; `next`: it will be, once it is activated; `trusted`: neither. */
  readonly role: 'signs' | 'next' | 'trusted'
  readonly until: string
  /** SHA-256, in hexadecimal. */
  readonly fingerprint: string
}

/** What a CA's folder says. */
export interface CaDescription {
  readonly folder: string
  /** Who signs: the root itself, or one below it. */
  readonly issuer: string
  readonly issuerUntil: string
  readonly roots: readonly RootDescription[]
}

/**
 * Describes the files of a CA; changes nothing there.
 * @throws {CaUnusableError} when they contradict themselves.
 */
export async function describeCa(folder: string, nowMs: number): Promise<CaDescription> {
  const { certificate, root, roots } = await readCaFiles(folder, nowMs)
  const next = await readNextRoot(folder)
  const roleOf = ({ fingerprint256 }: X509Certificate): RootDescription['role'] => {
    if (fingerprint256 === root.fingerprint256) return 'signs'
    return fingerprint256 === next?.fingerprint256 ? 'next' : 'trusted'
  }
  return {
    folder,
    issuer: nameOf(certificate),
    issuerUntil: endOf(certificate),
    roots: roots.map((one) => ({
      subject: nameOf(one),
      role: roleOf(one),
      until: endOf(one),
      fingerprint: one.fingerprint256.replaceAll(':', '').toLowerCase(),
    })),
  }
}

function nameOf({ subject }: X509Certificate): string {
  return subject.replaceAll('\n', ', ')
}

function endOf(certificate: X509Certificate): string {
  return new Date(validityOf(certificate).to).toISOString()
}
