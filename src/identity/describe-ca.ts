import type { X509Certificate } from 'node:crypto'
import { checkCa } from './ca-files.ts'
import type { CaStore } from './ca-store.ts'
import { validityOf } from './certificates.ts'
import { nextOf } from './rotate-root.ts'

/** A root for people; times are ISO 8601. */
export interface RootDescription {
  readonly subject: string
  /** `signs`: certificates are made under it; `next`: it will be, once it is activated; `trusted`: neither. */
  readonly role: 'signs' | 'next' | 'trusted'
  readonly until: string
  /** SHA-256, in hexadecimal. */
  readonly fingerprint: string
}

/** What a CA's files say. */
export interface CaDescription {
  /** Where they are. */
  readonly place: string
  /** Who signs: the root itself, or one below it. */
  readonly issuer: string
  readonly issuerUntil: string
  readonly roots: readonly RootDescription[]
}

/**
 * Describes the files of a CA; changes nothing there.
 * @throws {CaUnusableError} when they contradict themselves.
 */
export async function describeCa(store: CaStore, nowMs: number): Promise<CaDescription> {
  const { files } = await store.load()
  const { place } = store
  const { certificate, root, roots } = checkCa(files, place, nowMs)
  const next = nextOf(files)
  const roleOf = ({ fingerprint256 }: X509Certificate): RootDescription['role'] => {
    if (fingerprint256 === root.fingerprint256) return 'signs'
    return fingerprint256 === next?.fingerprint256 ? 'next' : 'trusted'
  }
  return {
    place,
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
