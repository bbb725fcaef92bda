import { status } from '@grpc/grpc-js'
import { RefusedCallError } from '../../rpc/refused-call.ts'

/** A stream subscribes to more names than it may. */
export class SubscriptionLimitError extends RefusedCallError {
  override readonly code = 'XDS_SUBSCRIPTION_LIMIT'
  override readonly status = status.RESOURCE_EXHAUSTED

  constructor(names: number, limit: number) {
    super(`a stream asks for ${names} names, more than ${limit}`, {
      hint: 'Subscribe to everything, or raise `xds.maxNamesPerStream` of the controller.',
    })
  }
}
