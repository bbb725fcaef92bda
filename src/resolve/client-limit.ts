import { type Message, maxMessageOctets } from '../wire/message.ts'
import type { Client } from './driver.ts'

/** What an IPv4 datagram can carry. */
const maxUdpOctets = 65_507

/** The largest message that the client of this query takes, in octets. */
export function limitOf(client: Client, { edns }: Message): number {
  if (client.transport === 'tcp') return maxMessageOctets
  return udpLimit(edns !== undefined, edns?.udpPayloadOctets ?? 0)
}

/** 512 without EDNS (RFC 1035 §4.2.1), else what it says, 512 at least (RFC 6891 §6.2.3). */
export function udpLimit(hasEdns: boolean, udpPayloadOctets: number): number {
  return hasEdns ? Math.min(Math.max(udpPayloadOctets, 512), maxUdpOctets) : 512
}
