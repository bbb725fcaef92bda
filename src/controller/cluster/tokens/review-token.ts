import { reasonOf } from '../../../base/reason-of.ts'
import { isPlainMap } from '../../../documents/plain-map.ts'
import { type Account, tryParseAccount } from '../../../identity/account-names.ts'
import { ApiFailure } from '../../../kubernetes/client/api-failure.ts'
import type { ClusterClient } from '../../../kubernetes/client/cluster-client.ts'

/** What the API server says of a token. */
export type Review =
  | { readonly kind: 'known'; readonly account: Account }
  | { readonly kind: 'refused' }
  /** It did not say. */
  | { readonly kind: 'unanswered'; readonly isForbidden: boolean; readonly reason: string }

/** Has a token reviewed (Kubernetes: authentication.k8s.io/v1 TokenReview). Nothing of it gets into a reason. */
export async function reviewToken(
  client: Pick<ClusterClient, 'call'>,
  { token, audience, signal }: { token: string; audience: string; signal: AbortSignal },
): Promise<Review> {
  try {
    const { status } = await client.call({
      method: 'POST',
      path: '/apis/authentication.k8s.io/v1/tokenreviews',
      body: {
        apiVersion: 'authentication.k8s.io/v1',
        kind: 'TokenReview',
        spec: { token, audiences: [audience] },
      },
      signal,
    })
    const account = accountOf(status, audience)
    return account ? { kind: 'known', account } : { kind: 'refused' }
  } catch (error) {
    const isForbidden = error instanceof ApiFailure && error.status === 403
    // Its own words might hold what it was asked.
    const reason = error instanceof ApiFailure ? `status ${error.status}` : reasonOf(error)
    return { kind: 'unanswered', isForbidden, reason }
  }
}

/** A server that knows nothing of audiences names none, and has checked none. */
function accountOf(status: unknown, audience: string): Account | undefined {
  if (!isPlainMap(status) || status['authenticated'] !== true) return undefined
  const { audiences, user } = status
  if (!Array.isArray(audiences) || !audiences.includes(audience) || !isPlainMap(user)) {
    return undefined
  }
  return tryParseAccount(String(user['username']))
}
