import { createLocalJWKSet, errors, type JWTPayload, jwtVerify } from 'jose'
import type { Clock } from '../base/clock.ts'
import { UnauthenticatedError } from '../rpc/authenticator.ts'
import type { TokenVerifier, VerifiedToken } from '../rpc/token-verifier.ts'
import { tryParseAccount } from './account-names.ts'
import { publicJwkOf, type TokenKey } from './token-key.ts'

/** Which tokens count. */
export interface TokenRules {
  readonly keys: readonly TokenKey[]
  readonly issuer: string
  readonly audience: string
  /** How far times may be off our clock. */
  readonly skewSeconds: number
  readonly binding: 'key' | 'none'
}

/** Far more than a service account's token has. */
const mostCharacters = 8_192

/** Believes tokens that one of our own keys signed. */
export async function createTokenVerifier(rules: TokenRules, clock: Clock): Promise<TokenVerifier> {
  const { issuer, audience, skewSeconds, binding } = rules
  const keys = createLocalJWKSet({ keys: await Promise.all(rules.keys.map(publicJwkOf)) })
  return {
    async verify(token) {
      if (token.length > mostCharacters) throw malformed()
      const options = {
        // Whatever the token itself says: neither `none`, nor a public key used as a shared secret.
        algorithms: ['ES256'],
        issuer,
        audience,
        currentDate: new Date(clock.wall()),
        clockTolerance: skewSeconds,
        requiredClaims: ['sub', 'exp', 'iat', 'jti'],
      }
      const verified = await jwtVerify(token, keys, options).catch((error: unknown) => {
        throw refusalOf(error)
      })
      return readClaims(verified.payload, binding)
    },
  }
}

function readClaims(payload: JWTPayload, binding: TokenRules['binding']): VerifiedToken {
  const { sub = '', exp = 0, jti = '' } = payload
  const account = tryParseAccount(sub)
  if (!account) {
    throw new UnauthenticatedError('token_subject', 'the token is for no service account')
  }
  const expiresAt = exp * 1_000
  const bindingId = binding === 'key' ? { bindingId: jti } : {}
  return { ...account, expiresAt, ...bindingId }
}

function malformed(): UnauthenticatedError {
  return new UnauthenticatedError('token_malformed', 'the token is malformed')
}

/** The errors of jose may quote the token, so that none is passed on as a cause. */
function refusalOf(error: unknown): UnauthenticatedError {
  if (error instanceof errors.JWTExpired) {
    return new UnauthenticatedError('token_expired', 'the token has expired')
  }
  if (error instanceof errors.JWTClaimValidationFailed) return claimRefusal(error.claim)
  const isForged =
    error instanceof errors.JWSSignatureVerificationFailed ||
    error instanceof errors.JOSEAlgNotAllowed ||
    error instanceof errors.JWKSNoMatchingKey ||
    error instanceof errors.JOSENotSupported
  if (!isForged) return malformed()
  return new UnauthenticatedError('token_forged', 'the token was not signed by this controller')
}

function claimRefusal(claim: string): UnauthenticatedError {
  switch (claim) {
    case 'aud':
      return new UnauthenticatedError('token_audience', 'the token is for another audience')
    case 'iss':
      return new UnauthenticatedError('token_issuer', 'the token is of another issuer')
    case 'nbf':
      return new UnauthenticatedError('token_not_yet_valid', 'the token does not count yet')
    default:
      return malformed()
  }
}
