import { X509Certificate } from 'node:crypto'

const block = /-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g

/** More than any chain or bundle has. */
const most = 64

/**
 * The certificates of a text in PEM, in order; what stands between them is skipped.
 * @throws {Error} when one cannot be read, or when there are too many.
 */
export function readCertificates(pem: string): X509Certificate[] {
  const blocks = pem.match(block) ?? []
  if (blocks.length > most) throw new RangeError(`${blocks.length} certificates, more than ${most}`)
  return blocks.map((text) => new X509Certificate(text))
}

/** One text in PEM of certificates, each of them once. */
export function formatCertificates(certificates: readonly X509Certificate[]): string {
  const texts = certificates.map((certificate) => certificate.toString().trim())
  return [...new Set(texts)].map((text) => `${text}\n`).join('')
}

/** From when until when it counts, in milliseconds since 1970. */
export function validityOf({ validFromDate, validToDate }: X509Certificate): {
  readonly from: number
  readonly to: number
} {
  return { from: validFromDate.getTime(), to: validToDate.getTime() }
}

/**
 * The way from a certificate to one of the roots: itself first, the root last. Nothing when there is none.
 * Says nothing of validity in time.
 */
export function tryBuildChain(
  certificate: X509Certificate,
  intermediates: readonly X509Certificate[],
  roots: readonly X509Certificate[],
): X509Certificate[] | undefined {
  const chain = [certificate]
  for (let last = certificate; chain.length < 10; ) {
    const isRoot = roots.some(({ fingerprint256 }) => fingerprint256 === last.fingerprint256)
    if (isRoot) return chain
    const issuer = [...roots, ...intermediates].find(
      (other) => other.ca && last.checkIssued(other) && last.verify(other.publicKey),
    )
    if (!issuer || chain.some(({ fingerprint256 }) => fingerprint256 === issuer.fingerprint256)) {
      return undefined
    }
    chain.push(issuer)
    last = issuer
  }
  return undefined
}
