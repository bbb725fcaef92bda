import { createPublicKey, type KeyObject } from 'node:crypto'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { Health } from '../base/health.ts'
import { silentLog } from '../base/log.ts'
import { Meters } from '../base/meters.ts'
import { PeerAuthenticator } from '../identity/authenticate-peer.ts'
import { CaFolder } from '../identity/ca-folder.ts'
import { CertificateAuthority, type IdentityPorts } from '../identity/certificate-authority.ts'
import { createPrivateKey, formatPrivateKey } from '../identity/key-pair.ts'
import { tokenBindingFile } from '../identity/token-binding-file.ts'
import { TokenBindings } from '../identity/token-bindings.ts'
import { openTokenKey, type TokenKey } from '../identity/token-key.ts'
import { createTokenVerifier } from '../identity/verify-token.ts'
import type { SpiffeId } from '../rpc/spiffe-id.ts'
import { FakeClock } from './fake-clock.ts'
import { temporaryFolder } from './temporary-folder.ts'

export const workload: SpiffeId = {
  trustDomain: 'cluster.local',
  namespace: 'vms',
  serviceAccount: 'web',
}

export const tokenSettings = { issuer: 'https://controller.test', audience: 'istio-ca' } as const

/** A CA and what belongs to it, in a folder of the test's own. */
export interface IdentityRig {
  readonly folder: string
  readonly clock: FakeClock
  readonly ports: IdentityPorts
  readonly ca: CertificateAuthority
  readonly tokenKey: TokenKey
  readonly bindings: TokenBindings
  readonly authenticator: PeerAuthenticator
}

/** Starts one; `wallMs` is the time of day that its clock begins with. */
export async function startIdentityRig(
  test: Pick<TestContext, 'after'>,
  wallMs?: number,
): Promise<IdentityRig> {
  const stateFolder = await temporaryFolder(test)
  const folder = join(stateFolder, 'ca')
  const clock = new FakeClock(wallMs)
  const ports = { clock, log: silentLog, health: new Health(), meters: new Meters() }
  const { trustDomain } = workload
  const ca = await CertificateAuthority.start(
    { store: new CaFolder(folder), trustDomain, pollMs: 10_000 },
    ports,
  )
  test.after(() => ca.stop())
  const tokenKey = await openTokenKey(stateFolder)
  const rules = { ...tokenSettings, keys: [tokenKey], skewSeconds: 30, binding: 'key' as const }
  const bindings = await TokenBindings.open(tokenBindingFile(stateFolder), ports)
  const authenticator = new PeerAuthenticator({
    trustDomain,
    trustDomainAliases: ['old.local'],
    tokens: await createTokenVerifier(rules, clock),
    bindings,
    clock,
    meters: ports.meters,
  })
  return { folder, clock, ports, ca, tokenKey, bindings, authenticator }
}

/** A key with a certificate, PEM, and what stands behind it. */
export interface KeyWithChain {
  readonly key: string
  readonly chain: string
  readonly roots: string
}

/** Has a workload's certificate made. */
export async function certify(
  ca: CertificateAuthority,
  identity: SpiffeId,
  lifetimeSeconds = 3_600,
): Promise<KeyWithChain> {
  const key = await createPrivateKey()
  const subject = { kind: 'workload', identity } as const
  const { leaf, intermediates, roots } = await ca.issue(subject, spkiOf(key), lifetimeSeconds)
  return { key: formatPrivateKey(key), chain: [leaf, ...intermediates].join(''), roots }
}

export function spkiOf(privateKey: KeyObject): Buffer {
  return createPublicKey(privateKey).export({ type: 'spki', format: 'der' })
}
