import { TLSSocket } from 'node:tls'
import type { ServerUnaryCall } from '@grpc/grpc-js'
import type { PeerCredentials } from './authenticator.ts'

/** What any kind of call tells of its other end. */
export type PeerCall = Pick<
  ServerUnaryCall<unknown, unknown>,
  'getPeer' | 'getAuthContext' | 'metadata'
>

/** What the other end of a call shows of itself. */
export function peerCredentialsOf(call: PeerCall): PeerCredentials {
  const certificate = call.getAuthContext().sslPeerCertificate?.raw
  const [authorization] = call.metadata.get('authorization')
  const certificateFault = certificate ? undefined : faultOf(call)
  return {
    address: call.getPeer(),
    ...(certificate ? { certificate } : {}),
    ...(certificateFault === undefined ? {} : { certificateFault }),
    ...(typeof authorization === 'string' ? { authorization } : {}),
  }
}

/** Why TLS does not vouch for a certificate that was shown, in OpenSSL's words. */
function faultOf(call: PeerCall): string | undefined {
  const socket = socketBelow(call)
  if (!socket || socket.authorized) return undefined
  // Without a certificate there is an error as well; what was shown tells the two apart.
  if (socket.getPeerX509Certificate() === undefined) return undefined
  const error: unknown = socket.authorizationError
  if (typeof error === 'string') return error
  return error instanceof Error && 'code' in error ? String(error.code) : undefined
}

/** grpc-js has no door to the socket of a call, so we look for it, and do without when it moved. */
function socketBelow(call: unknown): TLSSocket | undefined {
  const names = ['call', 'nextCall', 'stream', 'session', 'socket']
  let found: unknown = call
  for (let depth = 0; depth < 10; depth += 1) {
    const inner = names
      .map((name) => readProperty(found, name))
      .find((value) => value !== undefined)
    if (inner === undefined) return undefined
    // A session hands out its socket through a proxy, which passes this test.
    if (inner instanceof TLSSocket) return inner
    found = inner
  }
  return undefined
}

function readProperty(holder: unknown, name: string): unknown {
  if (typeof holder !== 'object' || holder === null || !(name in holder)) return undefined
  const value: unknown = Reflect.get(holder, name)
  return typeof value === 'object' && value !== null ? value : undefined
}
