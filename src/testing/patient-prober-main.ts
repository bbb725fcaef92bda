/**
 * A client for tests that asks as a stub resolver does: `patient-prober-main.ts SERVER INTERVAL_MS RETRY_MS NAME…`. Asks for the
 * A records of the names in turn, one each interval; what has no answer within RETRY_MS is asked once more, and lost
 * when that has none either. Prints `ready`; SIGTERM ends it, and it prints
 * `asked COUNT again COUNT lost COUNT wrong COUNT`: an answer without an address is wrong.
 */
import dgram from 'node:dgram'
import { once } from 'node:events'
import { setTimeout } from 'node:timers/promises'
import { decodeMessage, encodeMessage } from '../wire/message.ts'
import { parseName } from '../wire/name.ts'
import { queryOf } from '../wire/query.ts'
import { recordClass } from '../wire/record-class.ts'
import { recordType } from '../wire/record-type.ts'

const [server = '127.0.0.1', interval = '20', retry = '5000', ...names] = process.argv.slice(2)
const answered = new Map<number, () => void>()
const waiting = new Set<Promise<void>>()
const counts = { asked: 0, again: 0, lost: 0, wrong: 0 }

const socket = dgram.createSocket('udp4')
// Nobody may listen for a while.
socket.on('error', () => {})
socket.on('message', (octets) => {
  const { id, answers } = decodeMessage(octets)
  const tell = answered.get(id)
  if (!tell) return
  answered.delete(id)
  if (!answers.some(({ data }) => data.kind === 'A')) counts.wrong += 1
  tell()
})
socket.bind(0)
await once(socket, 'listening')
process.stdout.write('ready\n')

const timer = setInterval(() => {
  const asking = ask().finally(() => waiting.delete(asking))
  waiting.add(asking)
}, Number(interval))
await once(process, 'SIGTERM')
clearInterval(timer)
await Promise.all(waiting)
const { asked, again, lost, wrong } = counts
process.stdout.write(`asked ${asked} again ${again} lost ${lost} wrong ${wrong}\n`)
socket.close()

async function ask(): Promise<void> {
  const name = names[counts.asked % names.length] ?? ''
  const id = counts.asked & 0xffff
  counts.asked += 1
  const words = { name: parseName(`${name}.`), type: recordType.A, class: recordClass.IN }
  const octets = encodeMessage(queryOf(words, { id }))
  const { promise, resolve } = Promise.withResolvers<void>()
  answered.set(id, resolve)
  const isAnswered = promise.then(() => true)
  for (const isAgain of [false, true]) {
    if (isAgain) counts.again += 1
    socket.send(octets, 53, server, () => {})
    if (await Promise.race([isAnswered, setTimeout(Number(retry), false)])) return
  }
  answered.delete(id)
  counts.lost += 1
}
