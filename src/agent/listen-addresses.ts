import { parseIp } from '../ip/address.ts'
import { parseSocketAddress, type SocketAddress } from '../ip/socket-address.ts'

/** A place to listen; `optional` ones are left out where the machine does not have the family. */
export interface ListenAddress {
  readonly where: SocketAddress
  readonly optional: boolean
}

/** The sockets of a page: `*:PORT` is every address of both families, where the machine has them. */
export function pageAddresses(text: string): readonly ListenAddress[] {
  const [, everywhere] = /^\*:(\d{1,5})$/.exec(text) ?? []
  if (everywhere === undefined) return [{ where: parseSocketAddress(text), optional: false }]
  const port = Number(everywhere)
  return [
    { where: { address: parseIp('0.0.0.0'), port }, optional: false },
    { where: { address: parseIp('::'), port }, optional: true },
  ]
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

/** Whether a socket could not be had because the machine lacks the family. */
export function isFamilyAbsent({ cause }: Error): boolean {
  const { code } = (cause ?? {}) as { readonly code?: unknown }
  return code === 'EADDRNOTAVAIL' || code === 'EAFNOSUPPORT'
}
