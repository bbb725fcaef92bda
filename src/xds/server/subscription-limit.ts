import { CodedError } from '../../base/coded-error.ts'

/** A stream subscribes to more names than it may. */
export class SubscriptionLimitError extends CodedError {
  override readonly code = 'XDS_SUBSCRIPTION_LIMIT'

  constructor(names: number, limit: number) {
    super(`a stream asks for ${names} names, more than ${limit}`, {
      hint: 'Subscribe to everything, or raise `xds.maxNamesPerStream` of the controller.',
    })
  }
}
