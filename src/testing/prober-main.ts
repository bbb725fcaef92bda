/**
 * A client for tests that asks all the time: `prober-main.ts SERVER INTERVAL_MS NAME…`. Asks for the A records of
 * the names in turn, one each interval as long as answers come, from one UDP socket, and prints `NAME COUNT ANSWER NANOSECONDS` whenever the
 * answer to a name is another than before, the COUNT-th, in the order asked; `lost NAME` when there was none. The time is that of
 * the machine's monotonic clock. SIGTERM ends it, and it prints `asked COUNT lost COUNT`.
 */

import dgram from 'node:dgram'
import { once } from 'node:events'
import { setTimeout } from 'node:timers/promises'
import { decodeMessage, encodeMessage } from '../wire/message.ts'
import { parseName } from '../wire/name.ts'
import { queryOf } from '../wire/query.ts'
import { formatRcode } from '../wire/rcode.ts'
import { recordClass } from '../wire/record-class.ts'
import { recordType } from '../wire/record-type.ts'

/** Far longer than a busy machine keeps anybody waiting, so that only what is lost counts. */
const patienceMs = 30_000
/** No more wait at a time than a server's socket holds, whose process may stand still for a while. */
const mostWaiting = 100

interface Asked {
  readonly id: number
  readonly name: string
  readonly sentMs: number
  answer?: string
  atNs?: bigint
}

const [server = '127.0.0.1', interval = '5', ...names] = process.argv.slice(2)
const waiting: Asked[] = []
const byId = new Map<number, Asked>()
const last = new Map<string, { readonly answer: string; readonly count: number }>()
let asked = 0
let lost = 0

const socket = dgram.createSocket(server.includes(':') ? 'udp6' : 'udp4')
// Nobody may listen for a while.
socket.on('error', () => {})
socket.connect(53, server)
await once(socket, 'connect')
socket.on('message', (octets) => {
  const { id, rcode, answers } = decodeMessage(octets)
  const question = byId.get(id)
  if (!question || question.answer !== undefined) return
  const addresses = answers.flatMap(({ data }) => (data.kind === 'A' ? [data.address] : []))
  question.answer = addresses.length > 0 ? addresses.sort().join() : formatRcode(rcode)
  question.atNs = process.hrtime.bigint()
  tell()
})
process.stdout.write('ready\n')

const timer = setInterval(ask, Number(interval))
await once(process, 'SIGTERM')
clearInterval(timer)
while (waiting.length > 0) {
  await setTimeout(10)
  tell()
}
process.stdout.write(`asked ${asked} lost ${lost}\n`)
socket.close()

function ask(): void {
  tell()
  if (waiting.length >= mostWaiting) return
  const name = names[asked % names.length] ?? ''
  const id = asked & 0xffff
  asked += 1
  const question = { id, name, sentMs: performance.now() }
  byId.set(id, question)
  waiting.push(question)
  const words = { name: parseName(`${name}.`), type: recordType.A, class: recordClass.IN }
  socket.send(encodeMessage(queryOf(words, { id })), () => {})
}

/** In the order asked, so that an answer which was overtaken is not taken for a change. */
function tell(): void {
  const now = performance.now()
  for (;;) {
    const [first] = waiting
    if (!first) break
    if (first.answer === undefined && now - first.sentMs < patienceMs) return
    waiting.shift()
    byId.delete(first.id)
    if (first.answer === undefined) {
      lost += 1
      process.stdout.write(`lost ${first.name}\n`)
      continue
    }
    const before = last.get(first.name)
    if (before?.answer === first.answer) continue
    const count = (before?.count ?? 0) + 1
    last.set(first.name, { answer: first.answer, count })
    process.stdout.write(`${first.name} ${count} ${first.answer} ${first.atNs}\n`)
  }
}
