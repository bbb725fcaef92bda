import { createPublicKey, type KeyObject, sign } from 'node:crypto'
import { promisify } from 'node:util'

const signWith = promisify(sign)

/**
 * A request for a certificate (PKCS #10, PEM) of a P-256 key. It names nobody: who we are, we show otherwise.
 *
 * Written out here, as a library for it takes more memory than all else that asks for certificates.
 */
export async function createCsr(privateKey: KeyObject): Promise<string> {
  const publicKey = createPublicKey(privateKey).export({ type: 'spki', format: 'der' })
  // CertificationRequestInfo (RFC 2986 §4.1): version 0, an empty name, the key, no attributes.
  const info = sequence(Buffer.of(0x02, 1, 0), sequence(), publicKey, Buffer.of(0xa0, 0))
  const signature = await signWith('sha256', info, privateKey)
  const signatureBits = tagged(0x03, Buffer.of(0), signature)
  const request = sequence(info, sequence(ecdsaWithSha256), signatureBits).toString('base64')
  const lines = request.match(/.{1,64}/g) ?? []
  return [
    '-----BEGIN CERTIFICATE REQUEST-----',
    ...lines,
    '-----END CERTIFICATE REQUEST-----',
    '',
  ].join('\n')
}

/** OBJECT IDENTIFIER 1.2.840.10045.4.3.2 (RFC 5758 §3.2). */
const ecdsaWithSha256 = Buffer.from('06082a8648ce3d040302', 'hex')

function sequence(...parts: readonly Buffer[]): Buffer {
  return tagged(0x30, ...parts)
}

/** One value of DER; what such a request is made of is shorter than 256 octets. */
function tagged(tag: number, ...parts: readonly Buffer[]): Buffer {
  const value = Buffer.concat(parts)
  const head = value.length < 128 ? [tag, value.length] : [tag, 0x81, value.length]
  return Buffer.concat([Buffer.from(head), value])
}
