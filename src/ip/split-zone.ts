import { parseIp } from './address.ts'
import type { SocketAddress } from './socket-address.ts'

/** Node's idea of a socket's address, its zone (`fe80::1%eth0`) apart from its address. */
export function splitZone(from: {
  readonly address: string
  readonly port: number
}): SocketAddress {
  const [address = '', zone] = from.address.split('%')
  const at = { address: parseIp(address), port: from.port }
  return zone === undefined ? at : { ...at, zone }
}
