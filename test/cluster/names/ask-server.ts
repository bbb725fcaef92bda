import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { connect } from 'node:net'
import { FrameReader, frameOf } from '../../../src/serve/frame-reader.ts'
import { queryOctets } from '../../../src/testing/resolver-rig.ts'
import { decodeMessage, type Message } from '../../../src/wire/message.ts'

/** Where a DNS server answers, over UDP and TCP. */
export interface Place {
  readonly address: string
  readonly port: number
}

/** Questions under way at one time. */
const width = 64
const patienceMs = 2_000
const tries = 30

/**
 * Asks a server all questions (`NAME TYPE`), many at a time; gives the answers in their order. Those that
 * were cut are asked once more over TCP.
 */
export async function askServer(
  place: Place,
  questions: readonly string[],
): Promise<readonly Message[]> {
  const socket = createSocket('udp4')
  const waiting = new Map<number, (message: Message) => void>()
  socket.on('message', (octets) => {
    const message = decodeMessage(octets)
    waiting.get(message.id)?.(message)
  })
  socket.bind(0, '127.0.0.1')
  await once(socket, 'listening')
  const answers: Message[] = []
  let next = 0
  const work = async () => {
    for (let at = next++; at < questions.length; at = next++) {
      answers[at] = await askOne(questions[at] ?? '', at & 0xffff)
    }
  }
  const askOne = async (question: string, id: number) => {
    const octets = queryOctets(question, { id, edns: { udpPayloadOctets: 4096 } })
    for (let left = tries; left > 0; left -= 1) {
      const { promise, resolve } = Promise.withResolvers<Message | undefined>()
      const timer = setTimeout(() => resolve(undefined), patienceMs)
      waiting.set(id, resolve)
      socket.send(octets, place.port, place.address)
      const answer = await promise
      clearTimeout(timer)
      waiting.delete(id)
      if (answer) return answer.truncated ? askOverTcp(place, octets) : answer
    }
    throw new Error(`nobody answers ${question}`)
  }
  try {
    await Promise.all(Array.from({ length: width }, work))
    return answers
  } finally {
    socket.close()
  }
}

async function askOverTcp({ address, port }: Place, query: Uint8Array): Promise<Message> {
  const socket = connect(port, address)
  const frames = new FrameReader(65_535)
  socket.setTimeout(patienceMs * tries, () => socket.destroy())
  socket.write(frameOf(query))
  try {
    for await (const chunk of socket) {
      frames.push(chunk as Buffer)
      const frame = frames.next()
      if (frame?.kind === 'message') return decodeMessage(frame.octets)
    }
    throw new Error('the connection ended without an answer')
  } finally {
    socket.destroy()
  }
}
