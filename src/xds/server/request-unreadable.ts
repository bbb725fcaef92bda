import { status } from '@grpc/grpc-js'
import { RefusedCallError } from '../../rpc/refused-call.ts'

/** A request is not what its stream is made for. */
export class RequestUnreadableError extends RefusedCallError {
  override readonly code = 'XDS_REQUEST_UNREADABLE'
  override readonly status = status.INVALID_ARGUMENT

  constructor(cause: unknown) {
    super('a request could not be read', {
      cause,
      hint: 'Each message must be a DiscoveryRequest or DeltaDiscoveryRequest of Envoy, as its method says.',
    })
  }
}
