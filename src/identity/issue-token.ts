import { randomUUID } from 'node:crypto'
import { SignJWT } from 'jose'
import { CodedError } from '../base/coded-error.ts'
import { isNamespaceName, isServiceAccountName } from './account-names.ts'
import type { TokenKey } from './token-key.ts'

const mostSeconds = 30 * 86_400

/** A token was asked for that no machine could use, or that nobody should have. */
export class TokenRequestError extends CodedError {
  override readonly code = 'IDENTITY_TOKEN_REQUEST'

  constructor(reason: string) {
    super(`no token can be issued: ${reason}`, {
      hint: `Give a namespace and a service account by their Kubernetes names, and a duration from 1 to ${mostSeconds} seconds.`,
    })
  }
}

/** Who signs tokens, and for whom. */
export interface TokenIssuer {
  readonly key: TokenKey
  readonly issuer: string
  readonly audience: string
}

export interface TokenRequest {
  readonly namespace: string
  readonly serviceAccount: string
  readonly durationSeconds: number
  /** Milliseconds since 1970. */
  readonly nowMs: number
}

/**
 * Makes a token (JWT, ES256) that says who a machine is, with the claims that Kubernetes gives a service account's.
 * @throws {TokenRequestError} when the names or the duration are no good.
 */
export async function issueToken(issuer: TokenIssuer, request: TokenRequest): Promise<string> {
  const { namespace, serviceAccount, durationSeconds, nowMs } = request
  if (!isNamespaceName(namespace)) {
    throw new TokenRequestError(`${JSON.stringify(namespace)} is no name of a namespace`)
  }
  if (!isServiceAccountName(serviceAccount)) {
    throw new TokenRequestError(`${JSON.stringify(serviceAccount)} is no name of a service account`)
  }
  if (!Number.isInteger(durationSeconds) || durationSeconds < 1 || durationSeconds > mostSeconds) {
    throw new TokenRequestError(`it cannot last ${durationSeconds} seconds`)
  }
  const now = Math.floor(nowMs / 1_000)
  const claims = { 'kubernetes.io': { namespace, serviceaccount: { name: serviceAccount } } }
  return await new SignJWT(claims)
    .setProtectedHeader({ alg: 'ES256', typ: 'JWT', kid: issuer.key.id })
    .setIssuer(issuer.issuer)
    .setAudience([issuer.audience])
    .setSubject(`system:serviceaccount:${namespace}:${serviceAccount}`)
    .setIssuedAt(now)
    .setNotBefore(now)
    .setExpirationTime(now + durationSeconds)
    .setJti(randomUUID())
    .sign(issuer.key.privateKey)
}
