import { createPrivateKey, type KeyObject, type X509Certificate } from 'node:crypto'
import { CodedError } from '../base/coded-error.ts'
import { type CaFileName, type CaStore, type CaTexts, caFileNames } from './ca-store.ts'
import { formatCertificates, readCertificates, tryBuildChain, validityOf } from './certificates.ts'
import { type Signer, trySignerOf } from './key-pair.ts'

/** The CA's files contradict themselves, or one of them is missing. */
export class CaUnusableError extends CodedError {
  override readonly code = 'IDENTITY_CA_UNUSABLE'

  constructor(place: string, reason: string, cause?: unknown) {
    super(`the CA's files in ${place} cannot be used: ${reason}`, {
      ...(cause === undefined ? {} : { cause }),
      hint: 'A folder, or a Secret of a cluster, needs `ca-cert.pem` and `ca-key.pem`, `root-cert.pem` with the roots that are trusted, and `cert-chain.pem` when others stand between. For a root of our own, name a folder without these files in `identity.caFolder`.',
    })
  }
}

/** What a CA works with: checked, and never changed. */
export interface CaMaterial {
  readonly certificate: X509Certificate
  readonly signer: Signer
  /** From the CA's own certificate up to, but without, the root; empty when it is the root. PEM each. */
  readonly intermediates: readonly string[]
  /** The one that vouches for all that is issued now. */
  readonly root: X509Certificate
  /** All roots that count, expired ones too; the one of above is among them. */
  readonly roots: readonly X509Certificate[]
  /** When the first certificate of the chain ends, in milliseconds since 1970. */
  readonly notAfter: number
}

/**
 * Reads the CA's files and checks that they belong together and count now (`nowMs`, since 1970).
 * @throws {CaUnusableError} saying which file is wrong, and how.
 * @throws {SecretExposedError} when others may read the key.
 */
export async function readCa(store: CaStore, nowMs: number): Promise<CaMaterial> {
  const { files } = await store.load()
  return checkCa(files, store.place, nowMs)
}

/**
 * As `readCa`, of what was read; `place` is for the error.
 * @throws {CaUnusableError} saying which file is wrong, and how.
 */
export function checkCa(files: CaTexts['files'], place: string, nowMs: number): CaMaterial {
  const fail = (reason: string, cause?: unknown) => new CaUnusableError(place, reason, cause)
  const read = (name: CaFileName) => {
    try {
      return readCertificates(files[name] ?? '')
    } catch (cause) {
      throw fail(`${name} cannot be read`, cause)
    }
  }
  const [certificate] = read(caFileNames.certificate)
  if (!certificate) throw fail(`${caFileNames.certificate} is missing, or holds no certificate`)
  const key = readKey(files[caFileNames.key], fail)
  if (!certificate.checkPrivateKey(key)) {
    throw fail(`${caFileNames.key} is not the key of ${caFileNames.certificate}`)
  }
  const signer = trySignerOf(key)
  if (!signer) {
    throw fail(
      `${caFileNames.key} is neither RSA (2048 bits or more) nor ECDSA (P-256, P-384, P-521)`,
    )
  }
  if (!certificate.ca)
    throw fail(`${caFileNames.certificate} is no CA's certificate (CA:TRUE is missing)`)

  const listed = read(caFileNames.roots)
  const roots = listed.length === 0 && isSelfSigned(certificate) ? [certificate] : listed
  if (roots.length === 0) throw fail(`${caFileNames.roots} is missing, or holds no certificate`)
  const chain = tryBuildChain(certificate, read(caFileNames.chain), roots)
  const root = chain?.at(-1)
  if (!chain || !root) {
    throw fail(
      `no way leads from ${caFileNames.certificate} to a root in ${caFileNames.roots}; certificates between them belong into ${caFileNames.chain}`,
    )
  }
  const outOfTime = chain
    .map((link) => outOfTimeReason(link, nowMs))
    .find((why) => why !== undefined)
  if (outOfTime !== undefined) throw fail(outOfTime)
  return {
    certificate,
    signer,
    intermediates: chain.slice(0, -1).map((link) => formatCertificates([link])),
    root,
    roots,
    notAfter: Math.min(...chain.map((link) => validityOf(link).to)),
  }
}

function readKey(text: string | undefined, fail: (reason: string) => CaUnusableError): KeyObject {
  if (text === undefined) throw fail(`${caFileNames.key} is missing`)
  try {
    return createPrivateKey(text)
  } catch {
    // The cause is not passed on: nothing of a key's text may reach a log.
    const reason = /ENCRYPTED/.test(text)
      ? 'is encrypted; store it without a passphrase'
      : 'holds no private key in PEM'
    throw fail(`${caFileNames.key} ${reason}`)
  }
}

function outOfTimeReason(certificate: X509Certificate, nowMs: number): string | undefined {
  const { from, to } = validityOf(certificate)
  const name = certificate.subject.replaceAll('\n', ', ')
  if (nowMs >= to) return `the certificate of ${name} expired on ${new Date(to).toISOString()}`
  if (nowMs < from)
    return `the certificate of ${name} counts from ${new Date(from).toISOString()} only`
  return undefined
}

function isSelfSigned(certificate: X509Certificate): boolean {
  return certificate.checkIssued(certificate) && certificate.verify(certificate.publicKey)
}
