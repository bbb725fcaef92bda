import 'reflect-metadata'
import { createPublicKey, type KeyObject } from 'node:crypto'
import { Pkcs10CertificateRequestGenerator } from '@peculiar/x509'

/** A request for a certificate (PKCS #10, PEM) of a P-256 key. It names nobody: who we are, we show otherwise. */
export async function createCsr(privateKey: KeyObject): Promise<string> {
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256' }
  const keys = {
    privateKey: privateKey.toCryptoKey(algorithm, false, ['sign']),
    publicKey: createPublicKey(privateKey).toCryptoKey(algorithm, true, ['verify']),
  }
  const signingAlgorithm = { name: 'ECDSA', hash: 'SHA-256' }
  const request = await Pkcs10CertificateRequestGenerator.create({ keys, signingAlgorithm })
  return `${request.toString('pem')}\n`
}
