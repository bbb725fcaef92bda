import { parseIp } from '../ip/address.ts'
import { parseSocketAddress, type SocketAddress } from '../ip/socket-address.ts'

/** A place to listen; `optional` ones are left out where the machine does not have the family. */
export interface ListenAddress {
  readonly where: SocketAddress
  readonly optional: boolean
}

/**
 * The sockets that `ADDRESS:PORT` asks for: `localhost` is 127.0.0.1 and, where there is IPv6, ::1
 * (Istio: DNS_PROXY_ADDR). No address at all means `localhost`.
 * @throws {SocketAddressSyntaxError} when it is neither that nor a socket address.
 */
export function listenAddresses(text: string): readonly ListenAddress[] {
  const local = /^(?:localhost)?:(\d{1,5})$/.exec(text)
  const port = Number(local?.[1])
  if (!local || port > 65_535) return [{ where: parseSocketAddress(text), optional: false }]
  return [
    { where: { address: parseIp('127.0.0.1'), port }, optional: false },
    { where: { address: parseIp('::1'), port }, optional: true },
  ]
}
