import dgram from 'node:dgram'
import { once } from 'node:events'
import net from 'node:net'
import type { SocketRole } from './message.ts'

/** A listening socket of the namespace, to be handed to the parent. */
export interface InsideSocket {
  readonly role: SocketRole
  readonly socket: dgram.Socket | net.Server
}

/** Opens every socket that the parent will serve, on the loopback of each family that there is. */
export async function openInsideSockets(
  dnsPort: number,
  relayPort: number,
): Promise<InsideSocket[]> {
  const opened: InsideSocket[] = []
  for (const address of ['127.0.0.1', '::1']) {
    try {
      opened.push({ role: 'udp', socket: await openUdp(dnsPort, address) })
      opened.push({ role: 'dns', socket: await openTcp(dnsPort, address) })
      opened.push({ role: 'relay', socket: await openTcp(relayPort, address) })
    } catch (error) {
      if (address === '127.0.0.1' || !isFamilyAbsent(error)) throw error
    }
  }
  return opened
}

async function openUdp(port: number, address: string): Promise<dgram.Socket> {
  const socket =
    address === '::1'
      ? dgram.createSocket({ type: 'udp6', ipv6Only: true })
      : dgram.createSocket('udp4')
  socket.bind(port, address)
  await once(socket, 'listening')
  return socket
}

async function openTcp(port: number, host: string): Promise<net.Server> {
  const server = net.createServer({ allowHalfOpen: true })
  server.listen({ port, host, backlog: 1024 })
  await once(server, 'listening')
  return server
}

function isFamilyAbsent(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException
  return code === 'EADDRNOTAVAIL' || code === 'EAFNOSUPPORT'
}
