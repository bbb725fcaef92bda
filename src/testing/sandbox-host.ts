import { silentLog } from '../base/log.ts'
import { noAddresses } from '../capture/address-set.ts'
import { parsePrefix } from '../ip/prefix.ts'
import { runInSandbox, type SandboxSockets } from '../sandbox/run-in-sandbox.ts'

// A program that runs its arguments in a sandbox where every name is 240.240.0.1 and every
// connection is greeted; it ends as the command ended.

const answer = Buffer.from([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 30, 0, 4, 240, 240, 0, 1])

const end = await runInSandbox(
  {
    command: process.argv.slice(2),
    env: process.env,
    virtualPrefixes: ['240.240.0.0/16', '2001:2::/48'].map(parsePrefix),
    addresses: noAddresses,
  },
  serve,
  silentLog,
)
process.exitCode = end.kind === 'exit' ? end.exitCode : 128 + (end.signal === 'SIGTERM' ? 15 : 9)

async function serve({ udp, dns, relay }: SandboxSockets) {
  for (const socket of udp) {
    socket.on('message', (query, client) => socket.send(reply(query), client.port, client.address))
  }
  for (const server of relay) server.on('connection', (client) => client.end('hello\n'))
  return {
    async stop() {
      for (const socket of [...udp, ...dns, ...relay]) socket.close()
    },
  }
}

/** The question with one A record behind it, or with none for another type. */
function reply(query: Buffer): Buffer {
  let end = 12
  while (query[end]) end += (query[end] ?? 0) + 1
  const isA = query.readUInt16BE(end + 1) === 1
  const head = Buffer.from(query.subarray(0, end + 5))
  head.writeUInt16BE(0x8580, 2)
  head.writeUInt16BE(isA ? 1 : 0, 6)
  head.writeUInt32BE(0, 8)
  return isA ? Buffer.concat([head, answer]) : head
}
