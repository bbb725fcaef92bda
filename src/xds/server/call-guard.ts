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
  return (method, call) => {
    const client = call.getPeer()
    onCall(client)
    if (!method.requestStream) limitMessage(call, maxSingleOctets)
    const cancelTimer = clock.after(limits.firstRequestTimeoutMs, () => {
      refusals.tell('no_request', { client })
      call.sendStatus({ code: status.DEADLINE_EXCEEDED, details: 'no message came in time' })
    })
    hearOfLargeMessages(call, () => refusals.tell('message_too_large', { client }))
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

/** A request for a certificate has a few thousand, and comes from somebody who is not known yet. */
const maxSingleOctets = 65_536

/** grpc-js knows one limit for all methods; the call itself has it in two places, before and after it is unpacked. */
function limitMessage(call: Parameters<ServerInterceptor>[1], octets: number): void {
  const decoder: unknown = Reflect.get(call, 'decoder')
  if (typeof decoder === 'object' && decoder) Reflect.set(decoder, 'maxReadMessageLength', octets)
  Reflect.set(call, 'maxReceiveMessageSize', octets)
}

/** grpc-js ends a call by itself when a message is larger than it may be; only the call itself can tell. */
function hearOfLargeMessages(call: Parameters<ServerInterceptor>[1], onLarge: () => void): void {
  const send = call.sendStatus.bind(call)
  call.sendStatus = (outcome) => {
    const isLarge = /^Received message .*larger than/.test(outcome.details ?? '')
    if (outcome.code === status.RESOURCE_EXHAUSTED && isLarge) onLarge()
    send(outcome)
  }
}
