import { execFileSync } from 'node:child_process'
import dgram from 'node:dgram'
import { once } from 'node:events'
import net from 'node:net'
import { familyOf, parseIp } from '../ip/address.ts'
import {
  formatSocketAddress,
  type SocketAddress,
  socketAddressOf,
  socketOctetsOf,
} from '../ip/socket-address.ts'
import { Conntrack } from '../sys/conntrack.ts'
import { fdOf } from '../sys/fd-of.ts'
import { originalDestination } from '../sys/original-destination.ts'
import { setSocketMark } from '../sys/socket-mark.ts'

/** Addresses of the namespace, all on its loopback. */
const addresses =
  '10.0.0.53 10.0.0.54 10.0.0.99 240.240.0.1 198.51.100.1 203.0.113.9 fd00::53 fd00::99 2001:2::1 2001:db8::1'.split(
    ' ',
  )

/** What a server says of a datagram or connection that reached it. */
export interface Arrival {
  readonly role: 'agent' | 'relay' | 'direct'
  readonly original: string
}

/** An answer, and whom it claims to be from. */
export interface Answer extends Arrival {
  readonly from: string
}

export interface AskOptions {
  readonly mark?: number
  readonly localPort?: number
}

/** Prepares the namespace: addresses, and servers that say who they are. */
export async function openWorld(): Promise<void> {
  const batch = addresses.map((address) => `address add ${address} dev lo`).join('\n')
  execFileSync('ip', ['link', 'set', 'lo', 'up'])
  execFileSync('ip', ['-batch', '-'], { input: `${batch}\n` })
  for (const host of ['127.0.0.1', '::1']) {
    await serveUdp('agent', host, 15053)
    await serveTcp('agent', host, 15053)
  }
  // Wildcard addresses: who calls an address of the namespace on these ports was not redirected.
  await serveUdp('direct', '0.0.0.0', 53)
  await serveUdp('direct', '::', 53)
  await serveTcp('direct', '::', 53)
  await serveTcp('direct', '::', 80)
  // Dual stack, so that IPv4 arrives on an IPv6 socket.
  await serveTcp('relay', '::', 15001)
}

/** Sends one datagram and waits for its answer. */
export async function askUdp(to: SocketAddress, options: AskOptions = {}): Promise<Answer> {
  const socket = await openUdp(to, options)
  socket.send('?', to.port, to.address)
  const answer = await nextAnswer(socket)
  socket.close()
  return answer
}

/** A client's socket of the right family, on every address of the namespace. */
export async function openUdp(to: SocketAddress, options: AskOptions = {}): Promise<dgram.Socket> {
  const socket = dgram.createSocket(`udp${familyOf(to.address)}`)
  socket.bind(options.localPort ?? 0)
  await once(socket, 'listening')
  if (options.mark !== undefined) mark(socket, options.mark)
  return socket
}

/** Far beyond what an answer takes on one machine. */
const patienceMs = 20_000

/** @throws when none comes, as it was lost. */
export async function nextAnswer(socket: dgram.Socket): Promise<Answer> {
  const signal = AbortSignal.timeout(patienceMs)
  const [octets, { address, port }] = (await once(socket, 'message', { signal })) as [
    Buffer,
    dgram.RemoteInfo,
  ]
  const from = formatSocketAddress({ address: parseIp(address), port })
  return { ...(JSON.parse(octets.toString()) as Arrival), from }
}

/** Connects and hears who accepted. */
export async function askTcp(to: SocketAddress): Promise<Arrival> {
  const socket = net.connect(to.port, to.address)
  const [octets] = (await once(socket, 'data')) as [Buffer]
  socket.destroy()
  return JSON.parse(octets.toString()) as Arrival
}

function mark(socket: dgram.Socket, value: number): void {
  const fd = fdOf(socket)
  if (fd === undefined || !setSocketMark(fd, value)) throw new Error('cannot mark the socket')
}

export async function serveUdp(role: Arrival['role'], host: string, port: number): Promise<void> {
  const ipv6 = host.includes(':')
  const socket = dgram.createSocket({ type: ipv6 ? 'udp6' : 'udp4', ipv6Only: ipv6 })
  const conntrack = Conntrack.open()
  const agent = socketOctetsOf({ address: parseIp(host), port })
  socket.on('message', (question, { address, port: clientPort }) => {
    const client = socketOctetsOf({ address: parseIp(address), port: clientPort })
    const found = conntrack?.udpOriginalDestination(client, agent)
    const original = found && socketAddressOf(found)
    const reply = () => socket.send(arrival(role, original), clientPort, address)
    if (question.toString() === 'later') held.push(reply)
    else reply()
  })
  socket.bind(port, host)
  await once(socket, 'listening')
  socket.unref()
}

/** Answers to questions that said `later`. */
export const held: (() => void)[] = []

async function serveTcp(role: Arrival['role'], host: string, port: number): Promise<void> {
  const server = net.createServer((socket) => {
    const fd = fdOf(socket)
    const found =
      fd === undefined ? undefined : originalDestination(fd, host === '127.0.0.1' ? 4 : 6)
    const original = found && socketAddressOf(found)
    socket.on('error', () => {})
    socket.write(arrival(role, original))
    // What follows is echoed.
    socket.pipe(socket)
  })
  server.listen(port, host)
  await once(server, 'listening')
  server.unref()
}

function arrival(role: Arrival['role'], original: SocketAddress | undefined): string {
  return JSON.stringify({ role, original: original ? formatSocketAddress(original) : 'none' })
}
