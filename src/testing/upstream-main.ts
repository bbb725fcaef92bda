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

/** Answers that wait for a `release`. */
const held: (() => void)[] = []

function answer(
  octets: Uint8Array,
  transport: 'udp' | 'tcp',
  send: (reply: Uint8Array) => void,
): void {
  const query = decodeMessage(octets)
  const [question] = query.questions
  if (!question || query.response) return
  process.stdout.write(`${question.name} ${formatRecordType(question.type)} ${transport}\n`)
  const zoneAnswer = answerFromZone(question, server)
  const { silent, oversized, isHeld, isRelease, ...said } = zoneAnswer
  if (silent) return
  const reply = { ...query, ...said, response: true, recursionAvailable: true }
  const isWhole = transport === 'tcp' || oversized
  const limit = Math.max(512, query.edns?.udpPayloadOctets ?? 512)
  const encoded = isWhole ? encodeMessage(reply) : encodeWithin(reply, limit)
  if (isRelease) for (const sendHeld of held.splice(0)) sendHeld()
  if (isHeld) held.push(() => send(encoded))
  else send(encoded)
}

async function serveUdp(host: string): Promise<void> {
  const socket = dgram.createSocket(host.includes(':') ? 'udp6' : 'udp4')
  socket.on('message', (octets, from) => {
    answer(octets, 'udp', (reply) => socket.send(reply, from.port, from.address))
  })
  socket.bind(Number(port), host)
  await once(socket, 'listening')
}

async function serveTcp(host: string): Promise<void> {
  const listener = net.createServer((socket) => {
    let unread = Buffer.alloc(0)
    socket.on('error', () => socket.destroy())
    socket.on('data', (chunk) => {
      unread = Buffer.concat([unread, chunk])
      while (unread.length >= 2 && unread.length >= 2 + unread.readUInt16BE(0)) {
        const end = 2 + unread.readUInt16BE(0)
        answer(unread.subarray(2, end), 'tcp', (reply) => {
          const prefix = Buffer.alloc(2)
          prefix.writeUInt16BE(reply.length)
          socket.write(Buffer.concat([prefix, reply]))
        })
        unread = unread.subarray(end)
      }
    })
  })
  listener.listen(Number(port), host)
  await once(listener, 'listening')
}

for (const host of hosts) await Promise.all([serveUdp(host), serveTcp(host)])
process.stdout.write('ready\n')
