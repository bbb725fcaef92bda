import { generateKeyPair, type KeyObject, type webcrypto } from 'node:crypto'
import { promisify } from 'node:util'

const generate = promisify(generateKeyPair)

/** A new private key (ECDSA P-256); the public one follows from it. */
export async function createPrivateKey(): Promise<KeyObject> {
  const { privateKey } = await generate('ec', { namedCurve: 'P-256' })
  return privateKey
}

/** PKCS #8, PEM: the whole secret. */
export function formatPrivateKey(key: KeyObject): string {
  return String(key.export({ type: 'pkcs8', format: 'pem' }))
}

/** A private key in the shape that @peculiar/x509 signs with. */
export interface Signer {
  readonly key: webcrypto.CryptoKey
  readonly algorithm: { readonly name: string; readonly hash: string }
}

const curves: Readonly<Record<string, { readonly namedCurve: string; readonly hash: string }>> = {
  prime256v1: { namedCurve: 'P-256', hash: 'SHA-256' },
  secp384r1: { namedCurve: 'P-384', hash: 'SHA-384' },
  secp521r1: { namedCurve: 'P-521', hash: 'SHA-512' },
}

/** Makes a signer of a private key; nothing when the key is of a kind, or a size, that we do not sign with. */
export function trySignerOf(key: KeyObject): Signer | undefined {
  const { namedCurve = '', modulusLength = 0 } = key.asymmetricKeyDetails ?? {}
  if (key.asymmetricKeyType === 'rsa' && modulusLength >= 2_048) {
    const algorithm = { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' }
    return { key: key.toCryptoKey(algorithm, false, ['sign']), algorithm }
  }
  const curve = key.asymmetricKeyType === 'ec' ? curves[namedCurve] : undefined
  if (!curve) return undefined
  const name = 'ECDSA'
  return {
    key: key.toCryptoKey({ name, namedCurve: curve.namedCurve }, false, ['sign']),
    algorithm: { name, hash: curve.hash },
  }
}
