import { readHttpHost } from './http-host.ts'
import type { PeekedName } from './peeked-name.ts'
import { isTls, readTlsServerName } from './tls-server-name.ts'

/** The server name of a TLS ClientHello or an HTTP/1 request, from its beginning so far. */
export function readServerName(octets: Buffer): PeekedName {
  if (octets.length === 0) return { kind: 'more' }
  return isTls(octets) ? readTlsServerName(octets) : readHttpHost(octets)
}
