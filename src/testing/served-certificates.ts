import 'reflect-metadata'
import type { KeyObject } from 'node:crypto'
import {
  ChallengePasswordAttribute,
  type JsonGeneralName,
  Pkcs10CertificateRequestGenerator,
  SubjectAlternativeNameExtension,
} from '@peculiar/x509'
import { systemClock } from '../base/clock.ts'
import type { LogFields } from '../base/log.ts'
import { createCertificateService } from '../identity/certificate-service.ts'
import { createCsr } from '../identity/create-csr.ts'
import { issueToken } from '../identity/issue-token.ts'
import { createPrivateKey } from '../identity/key-pair.ts'
import {
  createCertificateRequester,
  type RequestCertificate,
} from '../identity/request-certificate.ts'
import type { ServerAddress } from '../rpc/channel.ts'
import { serverName, servicePartsOf, startCertificateServer } from './certificate-server.ts'
import { type IdentityRig, startIdentityRig, tokenSettings, workload } from './identity-rig.ts'

/** Real TLS compares with the time of the machine. */
export const now = systemClock.wall()

export interface Asked {
  readonly csr: string
  readonly seconds?: number
  readonly token?: string
  readonly own?: { readonly chain: string; readonly key: string }
}

/** A controller's service that is served, and one who asks it. */
export interface Served extends IdentityRig {
  readonly lines: (LogFields & { readonly message: string })[]
  readonly address: ServerAddress
  ask(asked: Asked): Promise<readonly string[]>
}

export async function serveCertificates(
  test: Parameters<typeof startIdentityRig>[0],
): Promise<Served> {
  const rig = await startIdentityRig(test, now)
  const lines: Served['lines'] = []
  const write = (fields: LogFields, message: string) => void lines.push({ ...fields, message })
  const log = { error: write, warn: write, info: write, debug: write }
  const parts = servicePartsOf(rig)
  const ports = { ...parts.ports, log }
  const service = createCertificateService({ ...parts, ports })
  const address = await startCertificateServer(test, rig, service)
  const request: RequestCertificate = createCertificateRequester({
    clock: systemClock,
    addresses: async () => [address],
  })
  const ask = async ({ csr, seconds = 0, token, own }: Asked) => {
    const tls = { roots: rig.ca.roots(), serverName, ...(own ? { own } : {}) }
    return await request(csr, seconds, { tls, ...(token === undefined ? {} : { token }) })
  }
  return { ...rig, lines, address, ask }
}

export function tokenOf(
  { tokenKey, clock }: IdentityRig,
  durationSeconds = 3_600,
): Promise<string> {
  const nowMs = clock.wall()
  return issueToken({ ...tokenSettings, key: tokenKey }, { ...workload, durationSeconds, nowMs })
}

export async function freshCsr(): Promise<string> {
  return await createCsr(await createPrivateKey())
}

/** A request with names in it, or of another kind of key. */
export async function foreignCsr(
  key: KeyObject,
  publicKey: KeyObject,
  names: JsonGeneralName[] = [],
) {
  const algorithm =
    key.asymmetricKeyType === 'rsa' ? rsa : key.asymmetricKeyType === 'ed25519' ? ed25519 : ecdsa
  const request = await Pkcs10CertificateRequestGenerator.create({
    name: 'CN=admin',
    keys: {
      privateKey: key.toCryptoKey(algorithm, false, ['sign']),
      publicKey: publicKey.toCryptoKey(algorithm, true, ['verify']),
    },
    signingAlgorithm: algorithm,
    attributes: [new ChallengePasswordAttribute('x')],
    extensions: names.length > 0 ? [new SubjectAlternativeNameExtension(names)] : [],
  })
  return request.toString('pem')
}

const ecdsa = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }
const rsa = { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' }
const ed25519 = { name: 'Ed25519' }
