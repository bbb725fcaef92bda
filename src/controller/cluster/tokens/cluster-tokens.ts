import { decodeJwt } from 'jose'
import type { Clock } from '../../../base/clock.ts'
import type { Health } from '../../../base/health.ts'
import { tryParseAccount } from '../../../identity/account-names.ts'
import { longestToken, malformedToken } from '../../../identity/token-refusal.ts'
import type { ClusterClient } from '../../../kubernetes/client/cluster-client.ts'
import { UnauthenticatedError } from '../../../rpc/authenticator.ts'
import type { TokenVerifier, VerifiedToken } from '../../../rpc/token-verifier.ts'
import { tokensUnreviewed } from './health.ts'
import { KeptReviews } from './kept-reviews.ts'
import { reviewToken } from './review-token.ts'

export interface ClusterTokensParts {
  readonly client: Pick<ClusterClient, 'call'>
  readonly audience: string
  readonly skewSeconds: number
  /** For when the cluster does not say. */
  readonly keys: TokenVerifier
  readonly clock: Clock
  readonly health: Health
}

/** A deleted pod's token counts for so long at most. */
const trustedMs = 10_000
/** Short: an API server may not have heard of a new pod yet. */
const refusedMs = 2_000
const mostKept = 4_096
/** Reviews under way at a time; whoever shows made-up tokens shall not keep the API server busy. */
const mostAsked = 32
const patienceMs = 5_000

/**
 * Believes the tokens of a cluster's service accounts.
 *
 * The API server is asked first (TokenReview): it alone knows whether the pod and the account of a token still exist.
 * Where it does not say, because it is away, busy or does not let us ask, the signature decides: a mesh goes on while its API
 * server is restarted. A token belongs to no key: each container of a pod, and each start of it, uses the same, and
 * what ends it is the end of its pod, of which every replica hears alike.
 */
export class ClusterTokens implements TokenVerifier {
  readonly #parts: ClusterTokensParts
  readonly #kept: KeptReviews<VerifiedToken | UnauthenticatedError>
  readonly #asked = new Map<string, Promise<VerifiedToken>>()

  constructor(parts: ClusterTokensParts) {
    this.#parts = parts
    this.#kept = new KeptReviews(parts.clock, mostKept)
  }

  /** @throws {UnauthenticatedError} when it does not count, or nobody can say. */
  async verify(token: string): Promise<VerifiedToken> {
    const expiresAt = this.#readClaims(token)
    const kept = this.#kept.get(token)
    if (kept instanceof UnauthenticatedError) throw kept
    if (kept) return kept
    const asked = this.#asked.get(token)
    if (asked) return await asked
    if (this.#asked.size >= mostAsked) return await this.#parts.keys.verify(token)
    const asking = this.#ask(token, expiresAt).finally(() => this.#asked.delete(token))
    this.#asked.set(token, asking)
    return await asking
  }

  /** By its own word, which nobody is believed for: what cannot count is refused without a call. Gives its end. */
  #readClaims(token: string): number {
    const { audience, skewSeconds, clock } = this.#parts
    if (token.length > longestToken) throw malformedToken()
    const { aud, exp, sub } = tryDecode(token)
    if (!tryParseAccount(sub ?? '')) {
      throw new UnauthenticatedError('token_subject', 'the token is for no service account')
    }
    if (![aud].flat().includes(audience)) {
      throw new UnauthenticatedError('token_audience', 'the token is for another audience')
    }
    const expiresAt = (exp ?? 0) * 1_000
    if (expiresAt + skewSeconds * 1_000 > clock.wall()) return expiresAt
    throw new UnauthenticatedError('token_expired', 'the token has expired')
  }

  async #ask(token: string, expiresAt: number): Promise<VerifiedToken> {
    const { client, audience, keys, clock, health } = this.#parts
    const patience = new AbortController()
    const cancel = clock.after(patienceMs, () => patience.abort())
    const { signal } = patience
    const review = await reviewToken(client, { token, audience, signal }).finally(cancel)
    switch (review.kind) {
      case 'known': {
        health.clear(tokensUnreviewed)
        const verified = { ...review.account, expiresAt }
        this.#kept.keep(token, verified, Math.min(trustedMs, expiresAt - clock.wall()))
        return verified
      }
      case 'refused': {
        health.clear(tokensUnreviewed)
        const message = 'the cluster does not take the token'
        const refusal = new UnauthenticatedError('token_refused', message)
        this.#kept.keep(token, refusal, refusedMs)
        throw refusal
      }
      case 'unanswered':
        health.set(tokensUnreviewed, review.isForbidden ? 'it is forbidden' : review.reason)
        return await keys.verify(token)
    }
  }
}

function tryDecode(token: string) {
  try {
    return decodeJwt(token)
  } catch {
    // The error of jose may quote the token.
    throw malformedToken()
  }
}
