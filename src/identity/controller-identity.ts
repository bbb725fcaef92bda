import { join } from 'node:path'
import type { Random } from '../base/random.ts'
import { type Running, Scope } from '../base/scope.ts'
import type { ServerTlsKeeper } from '../rpc/authenticator.ts'
import type { TokenVerifier } from '../rpc/token-verifier.ts'
import { PeerAuthenticator } from './authenticate-peer.ts'
import { CaFolder } from './ca-folder.ts'
import type { CaStore } from './ca-store.ts'
import { CertificateAuthority, type IdentityPorts } from './certificate-authority.ts'
import { createCertificateService, type GrpcService } from './certificate-service.ts'
import type { IdentityOptions } from './options.ts'
import { ServerCertificate } from './server-certificate.ts'
import { tokenBindingFile } from './token-binding-file.ts'
import { TokenBindings } from './token-bindings.ts'
import { openTokenKey } from './token-key.ts'
import { createTokenVerifier } from './verify-token.ts'

/** Everything by which a controller knows others, and is known itself. */
export interface ControllerIdentity extends Running {
  readonly ca: CertificateAuthority
  readonly tls: ServerTlsKeeper
  readonly authenticator: PeerAuthenticator
  readonly certificateService: GrpcService
  /** Has the controller's own certificate made out to other names, other names. */
  rename(serverNames: readonly string[]): Promise<void>
}

export interface ControllerIdentityParts {
  readonly options: IdentityOptions
  readonly stateFolder: string
  /** By which agents reach the controller: DNS names and IP addresses. */
  readonly serverNames: readonly string[]
  readonly ports: IdentityPorts
  readonly random: Random
  /** Instead of the CA's folder. */
  readonly caStore?: CaStore
  /** Instead of our own tokens. */
  readonly tokens?: TokenVerifier
}

/** Where the CA's files of a controller are. */
export function caFolderOf({ caFolder }: IdentityOptions, stateFolder: string): string {
  return caFolder === '' ? join(stateFolder, 'ca') : caFolder
}

/**
 * Starts the CA and what stands on it.
 * @throws {CaUnusableError} when the CA's files contradict themselves.
 * @throws {SecretExposedError} when others may read a key.
 * @throws {TokenKeyUnusableError} when the key that signs tokens is none.
 */
export async function startControllerIdentity(
  parts: ControllerIdentityParts,
): Promise<ControllerIdentity> {
  const { options, stateFolder, serverNames, ports, random } = parts
  const { clock, meters } = ports
  const { trustDomain, trustDomainAliases, caPollMs: pollMs } = options
  const scope = new Scope(ports.log)
  return scope.whole(async () => {
    const store = parts.caStore ?? new CaFolder(caFolderOf(options, stateFolder))
    const settings = { store, trustDomain, pollMs }
    const ca = await scope.start('ca', () => CertificateAuthority.start(settings, ports))
    const lifetimeSeconds = options.certificateSeconds
    const tls = await scope.start('server-certificate', () =>
      ServerCertificate.start({ ca, names: serverNames, lifetimeSeconds, ports, random }),
    )
    const tokens = parts.tokens ?? (await ownVerifier(parts))
    const bindings = await TokenBindings.open(tokenBindingFile(stateFolder), ports)
    const known = { trustDomain, trustDomainAliases, tokens, bindings, clock, meters }
    const authenticator = new PeerAuthenticator(known)
    const certificateService = createCertificateService({
      ca,
      authenticator,
      bindings,
      options,
      ports,
    })
    return {
      ca,
      tls,
      authenticator,
      certificateService,
      rename: (given) => tls.rename(given),
      stop: () => scope.stop(),
    }
  })
}

async function ownVerifier(parts: ControllerIdentityParts): Promise<TokenVerifier> {
  const { options, stateFolder, ports } = parts
  const rules = {
    keys: [await openTokenKey(stateFolder)],
    issuer: options.tokenIssuer,
    audience: options.tokenAudience,
    skewSeconds: options.tokenSkewSeconds,
    binding: options.tokenBinding,
  }
  return await createTokenVerifier(rules, ports.clock)
}
