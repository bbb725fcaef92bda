import {
  ResponderBuilder,
  ServerInterceptingCall,
  type ServerInterceptor,
  ServerListenerBuilder,
  status,
} from '@grpc/grpc-js'
import type { ConnectionsPorts } from './connections.ts'

/** Ends calls of any service whose first message does not come in time. */
export function guardCalls(
  { clock, refusals, limits }: Omit<ConnectionsPorts, 'meters'>,
  onCall: (peer: string) => void,
): ServerInterceptor {
  return (_method, call) => {
    const client = call.getPeer()
    onCall(client)
    const cancelTimer = clock.after(limits.firstRequestTimeoutMs, () => {
      refusals.tell('no_request', { client })
      call.sendStatus({ code: status.DEADLINE_EXCEEDED, details: 'no message came in time' })
    })
    const listener = new ServerListenerBuilder()
      .withOnReceiveMessage((message, next) => {
        cancelTimer()
        next(message)
      })
      .withOnCancel(cancelTimer)
      .build()
    return new ServerInterceptingCall(
      call,
      new ResponderBuilder().withStart((next) => next(listener)).build(),
    )
  }
}
