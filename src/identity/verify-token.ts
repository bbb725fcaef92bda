import { createLocalJWKSet, type JWTPayload, jwtVerify } from 'jose'
import type { Clock } from '../base/clock.ts'
import { UnauthenticatedError } from '../rpc/authenticator.ts'
import type { TokenVerifier, VerifiedToken } from '../rpc/token-verifier.ts'
import { tryParseAccount } from './account-names.ts'
import { publicJwkOf, type TokenKey } from './token-key.ts'
import { longestToken, malformedToken, refusalOfToken } from './token-refusal.ts'

/** Which tokens count. */
export interface TokenRules {
  readonly keys: readonly TokenKey[]
  readonly issuer: string
  readonly audience: string
  /** How far times may be off our clock. */
  readonly skewSeconds: number
  readonly binding: 'key' | 'none'
}

/** Believes tokens that one of our own keys signed. */
export async function createTokenVerifier(rules: TokenRules, clock: Clock): Promise<TokenVerifier> {
  const { issuer, audience, skewSeconds, binding } = rules
  const keys = createLocalJWKSet({ keys: await Promise.all(rules.keys.map(publicJwkOf)) })
  return {
    async verify(token) {
      if (token.length > longestToken) throw malformedToken()
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
        throw refusalOfToken(error, 'this controller')
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
