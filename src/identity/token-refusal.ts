import { errors } from 'jose'
import { UnauthenticatedError } from '../rpc/authenticator.ts'

/** Far more than a service account's token has. */
export const longestToken = 8_192

export function malformedToken(): UnauthenticatedError {
  return new UnauthenticatedError('token_malformed', 'the token is malformed')
}

/** The errors of jose may quote the token, so that none is passed on as a cause. */
export function refusalOfToken(error: unknown, signer: string): UnauthenticatedError {
  if (error instanceof errors.JWTExpired) {
    return new UnauthenticatedError('token_expired', 'the token has expired')
  }
  if (error instanceof errors.JWTClaimValidationFailed) return claimRefusal(error.claim)
  const isForged =
    error instanceof errors.JWSSignatureVerificationFailed ||
    error instanceof errors.JOSEAlgNotAllowed ||
    error instanceof errors.JWKSNoMatchingKey ||
    error instanceof errors.JOSENotSupported
  if (!isForged) return malformedToken()
  return new UnauthenticatedError('token_forged', `the token was not signed by ${signer}`)
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
      return malformedToken()
  }
}
