import { X509Certificate } from 'node:crypto'
import type { Clock } from '../base/clock.ts'
import type { Meters } from '../base/meters.ts'
import {
  type Authenticator,
  type PeerCredentials,
  UnauthenticatedError,
} from '../rpc/authenticator.ts'
import type { SpiffeId } from '../rpc/spiffe-id.ts'
import type { TokenVerifier, VerifiedToken } from '../rpc/token-verifier.ts'
import { readSpiffeId } from './certificate-identity.ts'
import { validityOf } from './certificates.ts'
import { authenticationsRefused } from './meters.ts'
import type { TokenBindings } from './token-bindings.ts'

/** Somebody who showed who it is. */
export interface KnownPeer {
  readonly identity: SpiffeId
  /** What showed it, where that was a token. */
  readonly token?: VerifiedToken
}

export interface PeerAuthenticatorParts {
  readonly trustDomain: string
  /** Their certificates count as those of our own. */
  readonly trustDomainAliases: readonly string[]
  readonly tokens: TokenVerifier
  readonly bindings: TokenBindings
  readonly clock: Clock
  readonly meters: Meters
}

/** Believes certificates that TLS vouches for, and tokens of machines that have none yet. */
export class PeerAuthenticator implements Authenticator {
  readonly #parts: PeerAuthenticatorParts

  constructor(parts: PeerAuthenticatorParts) {
    this.#parts = parts
  }

  /**
   * A token that a certificate was issued for speaks for nobody any more: its machine has the certificate.
   * @throws {UnauthenticatedError} when nothing shows who it is.
   */
  async authenticate(credentials: PeerCredentials): Promise<SpiffeId> {
    const { identity, token } = await this.identify(credentials)
    if (token?.bindingId !== undefined && this.#parts.bindings.isBound(token.bindingId)) {
      const message = 'the token was used for a certificate already; show that'
      throw this.#refused(new UnauthenticatedError('token_used', message))
    }
    return identity
  }

  /**
   * Says also what showed it, for one who issues certificates.
   * @throws {UnauthenticatedError} when nothing shows who it is.
   */
  async identify(credentials: PeerCredentials): Promise<KnownPeer> {
    try {
      return await this.#identify(credentials)
    } catch (error) {
      throw error instanceof UnauthenticatedError ? this.#refused(error) : error
    }
  }

  async #identify(credentials: PeerCredentials): Promise<KnownPeer> {
    const { certificate, authorization } = credentials
    const shown = certificate ? this.#readCertificate(certificate) : faultOf(credentials)
    if (shown && !(shown instanceof UnauthenticatedError)) return { identity: shown }
    // Only a machine that slept too long may fall back to a token.
    const mayUseToken = shown === undefined || shown.reason === 'certificate_expired'
    if (authorization === undefined || !mayUseToken) {
      throw shown ?? new UnauthenticatedError('nothing_shown', 'neither a certificate nor a token')
    }
    const [, bearer] = /^Bearer ([^\s]+)$/i.exec(authorization) ?? []
    if (bearer === undefined) {
      throw new UnauthenticatedError('token_malformed', 'the authorization is no bearer token')
    }
    const token = await this.#parts.tokens.verify(bearer)
    const { namespace, serviceAccount } = token
    return { identity: { trustDomain: this.#parts.trustDomain, namespace, serviceAccount }, token }
  }

  /** Its issuer was checked by TLS, by the machine's clock; here ours counts. */
  #readCertificate(der: Uint8Array): SpiffeId | UnauthenticatedError {
    const { clock, trustDomain, trustDomainAliases } = this.#parts
    const certificate = new X509Certificate(der)
    const { from, to } = validityOf(certificate)
    const now = clock.wall()
    if (now >= to) return expired()
    if (now < from) {
      const message = 'the certificate does not count yet'
      return new UnauthenticatedError('certificate_not_yet_valid', message)
    }
    const identity = certificate.ca ? undefined : readSpiffeId(der)
    if (!identity) {
      const message = 'the certificate names no workload (one SPIFFE URI)'
      return new UnauthenticatedError('certificate_nameless', message)
    }
    if (![trustDomain, ...trustDomainAliases].includes(identity.trustDomain)) {
      const message = `the certificate is of the trust domain ${identity.trustDomain}`
      return new UnauthenticatedError('certificate_foreign', message)
    }
    return identity
  }

  #refused(error: UnauthenticatedError): UnauthenticatedError {
    this.#parts.meters.cell(authenticationsRefused, error.reason).value += 1
    return error
  }
}

function expired(): UnauthenticatedError {
  return new UnauthenticatedError('certificate_expired', 'the certificate has expired')
}

/** What was wrong with a certificate that TLS does not vouch for; nothing when none was shown. */
function faultOf({ certificateFault }: PeerCredentials): UnauthenticatedError | undefined {
  switch (certificateFault) {
    case undefined:
      return undefined
    case 'CERT_HAS_EXPIRED':
      return expired()
    case 'CERT_NOT_YET_VALID':
      return new UnauthenticatedError(
        'certificate_not_yet_valid',
        'the certificate does not count yet',
      )
    default:
      return new UnauthenticatedError(
        'certificate_untrusted',
        `no trusted root vouches for the certificate (${certificateFault})`,
      )
  }
}
