import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import dnsPacket, { type Packet } from 'dns-packet'
import type { IpAddress } from '../ip/address.ts'
import type { SocketAddress } from '../ip/socket-address.ts'

/** `NAME TYPE` to what is answered; `overUdp` takes its place there. */
export type Zone = Readonly<Record<string, { readonly reply: Packet; readonly overUdp?: Packet }>>

export const nameError: Packet = { flags: 3 }
export const cutShort: Packet = { flags: dnsPacket.TRUNCATED_RESPONSE }

export interface UpstreamServer {
  readonly server: SocketAddress
  /** `TRANSPORT NAME TYPE` of every question, in order. */
  readonly asked: string[]
  stop(): void
}

/**
 * A DNS server on loopback, over UDP and TCP on one port, that speaks through another codec than ours.
 * Port 0 is one that nobody has.
 */
export async function startUpstreamServer(
  zone: Zone,
  where: { readonly address: string; readonly port: number } = { address: '127.0.0.1', port: 0 },
): Promise<UpstreamServer> {
  const asked: string[] = []
  const connections = new Set<Socket>()
  const tcp = createServer((socket) => {
    connections.add(socket)
    socket.on('error', () => {})
    socket.on('data', (octets) => {
      const query = dnsPacket.streamDecode(octets)
      socket.write(dnsPacket.streamEncode(replyTo(query, 'tcp')))
    })
  })
  tcp.listen(where.port, where.address)
  await once(tcp, 'listening')
  const { port } = tcp.address() as AddressInfo
  const udp = createSocket('udp4')
  udp.on('message', (octets, from) => {
    udp.send(dnsPacket.encode(replyTo(dnsPacket.decode(octets), 'udp')), from.port, from.address)
  })
  try {
    udp.bind(port, where.address)
    await once(udp, 'listening')
  } catch (error) {
    udp.close()
    tcp.close()
    // Somebody has that port for UDP; there may be others.
    if (where.port !== 0) throw error
    return startUpstreamServer(zone, where)
  }
  return {
    server: { address: where.address as IpAddress, port },
    asked,
    stop() {
      udp.close()
      tcp.close()
      for (const socket of connections) socket.destroy()
    },
  }

  function replyTo(query: Packet, transport: 'udp' | 'tcp'): Packet {
    const [question] = query.questions ?? []
    const key = `${question?.name} ${question?.type}`
    asked.push(`${transport} ${key}`)
    const known = zone[key]
    const reply = (transport === 'udp' ? known?.overUdp : undefined) ?? known?.reply ?? nameError
    const { id, questions } = query
    const flags = (reply.flags ?? 0) | dnsPacket.RECURSION_AVAILABLE
    return { ...reply, type: 'response', flags, id: id ?? 0, questions: questions ?? [] }
  }
}
