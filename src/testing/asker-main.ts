/**
 * A client for tests that asks from one UDP socket only: `asker-main.ts SERVER NAME…`. Asks for the
 * A records of each name, a few at one time, and prints `NAME RCODE ADDRESS…` in the order asked;
 * `lost` for those that nobody answered. An answer whose question does not fit its ID ends it.
 */

import dgram from 'node:dgram'
import { once } from 'node:events'
import { decodeMessage, encodeMessage } from '../wire/message.ts'
import { parseName } from '../wire/name.ts'
import { queryOf } from '../wire/query.ts'
import { formatRcode } from '../wire/rcode.ts'
import { recordClass } from '../wire/record-class.ts'
import { recordType } from '../wire/record-type.ts'

const atOneTime = 8
const patienceMs = 60_000

const [server = '127.0.0.1', ...names] = process.argv.slice(2)
const answers = new Map<number, string>()
const socket = dgram.createSocket(server.includes(':') ? 'udp6' : 'udp4')
socket.connect(53, server)
await once(socket, 'connect')
socket.on('message', (octets) => {
  const { id, questions, rcode: code, answers: records } = decodeMessage(octets)
  const name = questions[0]?.name
  if (name !== `${names[id]}.`) throw new Error(`asked for ${names[id]}, answered ${name}`)
  const addresses = records.flatMap(({ data }) => (data.kind === 'A' ? [data.address] : []))
  answers.set(id, [formatRcode(code), ...addresses].join(' '))
})

for (let first = 0; first < names.length; first += atOneTime) {
  const last = Math.min(first + atOneTime, names.length)
  for (let id = first; id < last; id += 1) socket.send(question(id))
  const deadline = AbortSignal.timeout(patienceMs)
  while (answers.size < last && !deadline.aborted) {
    await once(socket, 'message', { signal: deadline }).catch(() => {})
  }
}
for (const [id, name] of names.entries()) {
  process.stdout.write(`${name} ${answers.get(id) ?? 'lost'}\n`)
}
socket.close()

/** The ID is the place of the name. */
function question(id: number): Uint8Array {
  return encodeMessage(
    queryOf(
      { name: parseName(`${names[id]}.`), type: recordType.A, class: recordClass.IN },
      { id },
    ),
  )
}
