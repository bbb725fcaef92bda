import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { queryOctets } from '../../../src/testing/resolver-rig.ts'
import { decodeMessage, type Message } from '../../../src/wire/message.ts'

interface Place {
  readonly address: string
  readonly port: number
}

/** Questions under way at one time. */
const width = 64
const patienceMs = 2_000
const tries = 10

/** Asks a server all questions (`NAME TYPE`), many at a time; gives the answers in their order. */
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
      if (answer) return answer
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
