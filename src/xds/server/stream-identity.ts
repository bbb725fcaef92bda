import { status } from '@grpc/grpc-js'
import { CodedError } from '../../base/coded-error.ts'
import type { Authenticator, PeerCredentials } from '../../rpc/authenticator.ts'
import { RefusedCallError } from '../../rpc/refused-call.ts'
import { formatSpiffeId, type SpiffeId } from '../../rpc/spiffe-id.ts'
import type { Proxy } from '../proxy.ts'

/** Nothing shows who is at the other end of a stream. */
export class StreamUnauthenticatedError extends RefusedCallError {
  override readonly code = 'XDS_UNAUTHENTICATED'
  override readonly status = status.UNAUTHENTICATED

  constructor(cause: CodedError) {
    super(cause.message, {
      cause,
      hint: cause.hint ?? 'Show a certificate of the mesh, or a token.',
    })
  }
}

/** A stream claims to be somebody else than its certificate or token says. */
export class IdentityMismatchError extends RefusedCallError {
  override readonly code = 'XDS_IDENTITY_MISMATCH'
  override readonly status = status.PERMISSION_DENIED

  constructor(what: 'namespace' | 'service account', claimed: string, identity: SpiffeId) {
    super(`the node claims the ${what} ${claimed}, but is ${formatSpiffeId(identity)}`, {
      hint: 'Let the proxy claim its own namespace and service account, or give it a certificate or token for those that it claims. PILOT_ENABLE_XDS_IDENTITY_CHECK=false lets everybody claim anything.',
    })
  }
}

/** @throws {StreamUnauthenticatedError} when nothing shows who it is. */
export async function identify(
  authenticator: Authenticator,
  credentials: PeerCredentials,
): Promise<SpiffeId> {
  try {
    return await authenticator.authenticate(credentials)
  } catch (error) {
    throw error instanceof CodedError ? new StreamUnauthenticatedError(error) : error
  }
}

/** @throws {IdentityMismatchError} when it claims what is not its own. */
export function checkClaims({ namespace, serviceAccount }: Proxy, identity: SpiffeId): void {
  if (namespace !== identity.namespace) {
    throw new IdentityMismatchError('namespace', namespace, identity)
  }
  if (serviceAccount !== undefined && serviceAccount !== identity.serviceAccount) {
    throw new IdentityMismatchError('service account', serviceAccount, identity)
  }
}
