import 'reflect-metadata'
import { createPublicKey, type KeyObject, randomBytes } from 'node:crypto'
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  type Extension,
  KeyUsageFlags,
  KeyUsagesExtension,
  Name,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  X509Certificate,
  X509CertificateGenerator,
} from '@peculiar/x509'
import { formatSpiffeId, type SpiffeId } from '../rpc/spiffe-id.ts'
import type { Signer } from './key-pair.ts'

/** Clocks of machines differ; a certificate counts from a little before it was made. */
export const backdatedMs = 60_000

/** What a certificate says of its holder. */
export type Subject =
  | { readonly kind: 'workload'; readonly identity: SpiffeId }
  | {
      readonly kind: 'server'
      readonly names: readonly string[]
      readonly addresses: readonly string[]
    }

/** Who signs. */
export interface Issuer {
  /** PEM. */
  readonly certificate: string
  readonly signer: Signer
}

/** What is to be certified; times are milliseconds since 1970. */
export interface LeafRequest {
  readonly subject: Subject
  /** DER (SubjectPublicKeyInfo). */
  readonly publicKey: Uint8Array
  readonly notBefore: number
  readonly notAfter: number
}

/** Makes a certificate for one workload or server, in PEM; whatever it names comes from `subject`. */
export async function issueLeaf(issuer: Issuer, request: LeafRequest): Promise<string> {
  const { certificate, signer } = issuer
  const { subject, publicKey, notBefore, notAfter } = request
  const parent = new X509Certificate(certificate)
  const own = await X509CertificateGenerator.create({
    serialNumber: randomSerial(),
    issuer: parent.subjectName,
    notBefore: new Date(notBefore),
    notAfter: new Date(notAfter),
    publicKey: Buffer.from(publicKey),
    signingKey: signer.key,
    signingAlgorithm: signer.algorithm,
    extensions: [
      new BasicConstraintsExtension(false, undefined, true),
      new KeyUsagesExtension(usagesOf(publicKey), true),
      new ExtendedKeyUsageExtension(purposesOf(subject)),
      await issuerKeyOf(parent),
      await SubjectKeyIdentifierExtension.create(Buffer.from(publicKey)),
      // Critical, as there is no other subject (RFC 5280 §4.1.2.6).
      new SubjectAlternativeNameExtension(namesOf(subject), true),
    ],
  })
  return `${own.toString('pem')}\n`
}

/** What a root of our own is made of; times are milliseconds since 1970. */
export interface RootRequest {
  readonly privateKey: KeyObject
  readonly signer: Signer
  readonly trustDomain: string
  readonly notBefore: number
  readonly notAfter: number
}

/** Makes a certificate that vouches for itself, in PEM. */
export async function issueRoot(request: RootRequest): Promise<string> {
  const { privateKey, signer, trustDomain, notBefore, notAfter } = request
  const publicKey = createPublicKey(privateKey).export({ type: 'spki', format: 'der' })
  // Some programs find an issuer by its name alone, so that two roots must not share one.
  const serial = randomSerial()
  const name = new Name([{ O: [trustDomain] }, { CN: [`Root CA ${serial.slice(0, 8)}`] }])
  const root = await X509CertificateGenerator.create({
    serialNumber: serial,
    subject: name,
    issuer: name,
    notBefore: new Date(notBefore),
    notAfter: new Date(notAfter),
    publicKey,
    signingKey: signer.key,
    signingAlgorithm: signer.algorithm,
    extensions: [
      // Room for one CA below, should somebody want to keep this key offline.
      new BasicConstraintsExtension(true, 1, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
      await SubjectKeyIdentifierExtension.create(publicKey),
    ],
  })
  return `${root.toString('pem')}\n`
}

/** Positive, not zero, and nothing that somebody could guess (RFC 5280 §4.1.2.2). */
function randomSerial(): string {
  const octets = randomBytes(16)
  octets[0] = ((octets[0] ?? 0) & 0x3f) | 0x40
  return octets.toString('hex')
}

/** Only RSA keys can encipher other keys. */
function usagesOf(publicKey: Uint8Array): KeyUsageFlags {
  const key = createPublicKey({ key: Buffer.from(publicKey), format: 'der', type: 'spki' })
  const signs = KeyUsageFlags.digitalSignature
  return key.asymmetricKeyType === 'rsa' ? signs | KeyUsageFlags.keyEncipherment : signs
}

async function issuerKeyOf(parent: X509Certificate): Promise<Extension> {
  const own = parent.getExtension(SubjectKeyIdentifierExtension)
  return own
    ? new AuthorityKeyIdentifierExtension(own.keyId)
    : await AuthorityKeyIdentifierExtension.create(parent.publicKey)
}

function namesOf(subject: Subject): { type: 'url' | 'dns' | 'ip'; value: string }[] {
  switch (subject.kind) {
    case 'workload':
      return [{ type: 'url', value: formatSpiffeId(subject.identity) }]
    case 'server':
      return [
        ...subject.names.map((value) => ({ type: 'dns' as const, value })),
        ...subject.addresses.map((value) => ({ type: 'ip' as const, value })),
      ]
  }
}

/** A server's certificate says nothing of who connects. */
function purposesOf({ kind }: Subject): string[] {
  const { serverAuth, clientAuth } = ExtendedKeyUsage
  return kind === 'server' ? [serverAuth] : [serverAuth, clientAuth]
}
