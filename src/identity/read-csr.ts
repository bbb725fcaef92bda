import 'reflect-metadata'
import { createPublicKey } from 'node:crypto'
import { Pkcs10CertificateRequest } from '@peculiar/x509'
import { CodedError } from '../base/coded-error.ts'

/** A request of 4,096 bits of RSA with some names has a third of it. */
const mostCharacters = 8_192

/** Why no certificate is made for a request, in words that programs may count. */
export type CsrFault = 'csr_malformed' | 'csr_too_long' | 'csr_signature' | 'csr_key'

/** A request for a certificate (CSR) is no good. */
export class CsrRefusedError extends CodedError {
  override readonly code = 'IDENTITY_CSR_REFUSED'
  readonly reason: CsrFault

  constructor(reason: CsrFault, message: string) {
    super(message, {
      hint: 'Send a PKCS #10 request in PEM, signed with its own key: ECDSA P-256 or P-384, Ed25519, or RSA of 2048 to 4096 bits.',
    })
    this.reason = reason
  }
}

/**
 * The public key (DER) of a request whose sender holds the private one. Names that it asks for are not even read.
 * @throws {CsrRefusedError} when it is no good.
 */
export async function readCsr(pem: string): Promise<Buffer> {
  if (pem.length > mostCharacters) {
    throw new CsrRefusedError(
      'csr_too_long',
      `the request has more than ${mostCharacters} characters`,
    )
  }
  const request = tryParse(pem)
  if (!request) throw new CsrRefusedError('csr_malformed', 'the request is no PKCS #10 in PEM')
  const publicKey = Buffer.from(request.publicKey.rawData)
  if (!isGoodKey(publicKey)) {
    throw new CsrRefusedError(
      'csr_key',
      'the key of the request is of a kind or size that is not signed',
    )
  }
  const isSigned = await request.verify().catch(() => false)
  if (!isSigned) {
    throw new CsrRefusedError('csr_signature', 'the request is not signed with its own key')
  }
  return publicKey
}

function tryParse(pem: string): Pkcs10CertificateRequest | undefined {
  const [, base64] =
    /-----BEGIN (?:NEW )?CERTIFICATE REQUEST-----([\sA-Za-z0-9+/=]*)-----END/.exec(pem) ?? []
  if (base64 === undefined) return undefined
  try {
    return new Pkcs10CertificateRequest(Buffer.from(base64, 'base64'))
  } catch {
    return undefined
  }
}

function isGoodKey(spki: Buffer): boolean {
  try {
    const key = createPublicKey({ key: spki, format: 'der', type: 'spki' })
    const type = key.asymmetricKeyType
    const { modulusLength = 0, namedCurve = '' } = key.asymmetricKeyDetails ?? {}
    if (type === 'rsa') return modulusLength >= 2_048 && modulusLength <= 4_096
    return type === 'ed25519' || namedCurve === 'prime256v1' || namedCurve === 'secp384r1'
  } catch {
    return false
  }
}
