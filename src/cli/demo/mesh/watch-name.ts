import { setTimeout as wait } from 'node:timers/promises'
import { parseName } from '../../../wire/name.ts'
import { recordClass } from '../../../wire/record-class.ts'
import { recordType } from '../../../wire/record-type.ts'
import { askServer } from '../../ask-server.ts'
import { systemServers } from '../../captured-question.ts'

// Runs in a machine of the demo: asks its DNS server for NAME again and again until the answer is
// ADDRESS, and says at which time that was, in milliseconds of the wall clock.

const [name = '', address = ''] = process.argv.slice(2)
const question = { name: parseName(name), type: recordType.A, class: recordClass.IN }
const [server] = await systemServers()
if (!server) throw new Error('resolv.conf names no server')

for (let asked = 1; ; asked += 1) {
  const { answers } = await askServer(server, question)
  const now = performance.timeOrigin + performance.now()
  if (answers.some(({ data }) => data.kind === 'A' && data.address === address)) {
    process.stdout.write(`seen ${now}\n`)
    break
  }
  if (asked === 1) process.stdout.write('watching\n')
  await wait(1)
}
