import { status } from '@grpc/grpc-js'
import { RefusedCallError } from '../../rpc/refused-call.ts'

/** A stream subscribes to more than it may. */
export class SubscriptionLimitError extends RefusedCallError {
  override readonly code = 'XDS_SUBSCRIPTION_LIMIT'
  override readonly status = status.RESOURCE_EXHAUSTED

  constructor(excess: string) {
    super(`a stream asks for too much: ${excess}`, {
      hint: 'Subscribe to everything, or raise `xds.limits.maxNamesPerStream` of the controller.',
    })
  }
}

/** Names of services have 317 characters at most, those of workloads less than a thousand. */
const maxNameLength = 1_024

/** @throws {SubscriptionLimitError} when one of the names cannot be that of anything. */
export function checkNames(names: readonly string[]): void {
  const long = names.find(({ length }) => length > maxNameLength)
  if (long === undefined) return
  throw new SubscriptionLimitError(
    `a name has ${long.length} characters, more than ${maxNameLength}`,
  )
}

/** @throws {SubscriptionLimitError} when there are too many. */
export function checkCount(names: number, limit: number): void {
  if (names > limit) throw new SubscriptionLimitError(`${names} names, more than ${limit}`)
}
