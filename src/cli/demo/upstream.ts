import dgram from 'node:dgram'
import { once } from 'node:events'
import { parseIp } from '../../ip/address.ts'
import { decodeMessage, encodeMessage, type Message } from '../../wire/message.ts'
import { nameKey } from '../../wire/name.ts'
import { rcode } from '../../wire/rcode.ts'
import { formatRecordType, recordType } from '../../wire/record-type.ts'
import type { DemoPage } from './demo-page.ts'

/** Where the demo's server of `resolv.conf` listens, and what it knows. */
export const upstream = {
  address: '198.51.100.53',
  name: 'www.outside.example.',
  page: '203.0.113.80',
}

/** Starts the only DNS server outside of the mesh; the result lists what it was asked. */
export async function startUpstream(): Promise<readonly string[]> {
  const asked: string[] = []
  const socket = dgram.createSocket('udp4')
  socket.on('message', (octets, client) => {
    const query = decodeMessage(octets)
    const [question] = query.questions
    if (question) asked.push(`${question.name} ${formatRecordType(question.type)}`)
    socket.send(encodeMessage(answerTo(query)), client.port, client.address)
  })
  socket.bind(53, upstream.address)
  await once(socket, 'listening')
  return asked
}

/** Whether the server was asked for nothing but its own name. */
export function judgeUpstream(page: DemoPage, asked: readonly string[]): void {
  const names = [...new Set(asked.map((line) => line.replace(/\.? \S+$/, '')))]
  const isAsItShould = names.join() === upstream.name.replace(/\.$/, '')
  const what = names.length === 0 ? 'nothing' : `nothing but: ${names.join(', ')}`
  page.verdict(isAsItShould, `The server of resolv.conf was asked for ${what}`)
}

function answerTo(query: Message): Message {
  const [question] = query.questions
  const reply = { ...query, response: true, recursionAvailable: true, edns: undefined }
  if (!question || nameKey(question.name) !== upstream.name)
    return { ...reply, rcode: rcode.NXDOMAIN }
  if (question.type !== recordType.A) return reply
  const data = { kind: 'A', address: parseIp(upstream.page) } as const
  return { ...reply, answers: [{ ...question, ttl: 60, data }] }
}
