import { createSocket, type Socket } from 'node:dgram'
import { createServer, type Server } from 'node:net'
import type { IpFamily } from '../ip/address.ts'
import { claimPort } from '../sys/exclusive-port.ts'
import { numericLookup } from './numeric-lookup.ts'

/** Listens on a bound descriptor, which is the socket's from here on. What arrives is told from the next turn on. */
export function listenUdpAt(fd: number, family: IpFamily): Socket {
  const socket = createSocket({ type: family === 6 ? 'udp6' : 'udp4', lookup: numericLookup })
  socket.bind({ fd })
  claimPort(fd)
  return socket
}

/** The same for TCP. */
export function listenTcpAt(fd: number): Server {
  const server = createServer()
  server.listen({ fd })
  return server
}
