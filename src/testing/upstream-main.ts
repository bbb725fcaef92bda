/**
 * A scripted DNS server for tests: `upstream-main.ts NAME PORT ADDRESS…`. Serves the zone of
 * `upstream-zone.ts` over UDP and TCP and writes a line to stdout for every question, before its
 * answer: `NAME TYPE transport`.
 */
import dgram from 'node:dgram'
import { once } from 'node:events'
import net from 'node:net'
import { decodeMessage, encodeMessage } from '../wire/message.ts'
import { formatRecordType } from '../wire/record-type.ts'
import { encodeWithin } from '../wire/truncate.ts'
import { answerFromZone } from './upstream-zone.ts'

const [server = 'upstream', port = '53', ...hosts] = process.argv.slice(2)

function answer(octets: Uint8Array, transport: 'udp' | 'tcp'): Uint8Array | undefined {
  const query = decodeMessage(octets)
  const [question] = query.questions
  if (!question || query.response) return undefined
  process.stdout.write(`${question.name} ${formatRecordType(question.type)} ${transport}\n`)
  const { silent, oversized, ...said } = answerFromZone(question, server)
  if (silent) return undefined
  const reply = { ...query, ...said, response: true, recursionAvailable: true }
  if (transport === 'tcp' || oversized) return encodeMessage(reply)
  return encodeWithin(reply, Math.max(512, query.edns?.udpPayloadOctets ?? 512))
}

async function serveUdp(host: string): Promise<void> {
  const socket = dgram.createSocket(host.includes(':') ? 'udp6' : 'udp4')
  socket.on('message', (octets, from) => {
    const reply = answer(octets, 'udp')
    if (reply) socket.send(reply, from.port, from.address)
  })
  socket.bind(Number(port), host)
  await once(socket, 'listening')
}

async function serveTcp(host: string): Promise<void> {
  const listener = net.createServer((socket) => {
    let held = Buffer.alloc(0)
    socket.on('error', () => socket.destroy())
    socket.on('data', (chunk) => {
      held = Buffer.concat([held, chunk])
      while (held.length >= 2 && held.length >= 2 + held.readUInt16BE(0)) {
        const end = 2 + held.readUInt16BE(0)
        const reply = answer(held.subarray(2, end), 'tcp')
        held = held.subarray(end)
        if (!reply) continue
        const prefix = Buffer.alloc(2)
        prefix.writeUInt16BE(reply.length)
        socket.write(Buffer.concat([prefix, reply]))
      }
    })
  })
  listener.listen(Number(port), host)
  await once(listener, 'listening')
}

for (const host of hosts) await Promise.all([serveUdp(host), serveTcp(host)])
process.stdout.write('ready\n')
