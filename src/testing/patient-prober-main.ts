/**
 * A client for tests that asks a second time when it is told so: `patient-prober-main.ts SERVER INTERVAL_MS NAME…`. Asks
 * for the A records of the names in turn, one each interval. SIGUSR1 has it ask once more what has no answer yet. Prints
 * `ready`; SIGTERM ends it, and it prints `asked COUNT again COUNT lost COUNT wrong COUNT`: what has no answer even then
 * is lost, and an answer without an address is wrong.
 */
import dgram from 'node:dgram'
import { once } from 'node:events'
import { setTimeout } from 'node:timers/promises'
import { decodeMessage, encodeMessage } from '../wire/message.ts'
import { parseName } from '../wire/name.ts'
import { queryOf } from '../wire/query.ts'
import { recordClass } from '../wire/record-class.ts'
import { recordType } from '../wire/record-type.ts'

/** Far beyond what an answer takes. */
const patienceMs = 20_000

const [server = '127.0.0.1', interval = '20', ...names] = process.argv.slice(2)
/** Questions without an answer, by ID. */
const open = new Map<number, Uint8Array>()
const counts = { asked: 0, again: 0, wrong: 0 }

const socket = dgram.createSocket('udp4')
// Nobody may listen for a while.
socket.on('error', () => {})
socket.on('message', (octets) => {
  const { id, answers } = decodeMessage(octets)
  if (open.delete(id) && !answers.some(({ data }) => data.kind === 'A')) counts.wrong += 1
})
socket.bind(0)
await once(socket, 'listening')
process.on('SIGUSR1', () => {
  counts.again += open.size
  for (const octets of open.values()) socket.send(octets, 53, server, () => {})
})
process.stdout.write('ready\n')

const timer = setInterval(ask, Number(interval))
await once(process, 'SIGTERM')
clearInterval(timer)
const end = performance.now() + patienceMs
while (open.size > 0 && performance.now() < end) await setTimeout(10)
const { asked, again, wrong } = counts
process.stdout.write(`asked ${asked} again ${again} lost ${open.size} wrong ${wrong}\n`)
socket.close()

function ask(): void {
  const name = names[counts.asked % names.length] ?? ''
  const id = counts.asked & 0xffff
  counts.asked += 1
  const words = { name: parseName(`${name}.`), type: recordType.A, class: recordClass.IN }
  const octets = encodeMessage(queryOf(words, { id }))
  open.set(id, octets)
  socket.send(octets, 53, server, () => {})
}
