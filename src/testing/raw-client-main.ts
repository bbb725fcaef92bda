/**
 * A client for tests that sends any octets: `raw-client-main.ts ADDRESS:PORT`. Reads datagrams as
 * hexadecimal lines, sends them one after the other, and writes the reply to each, or `none`.
 */
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { parseSocketAddress } from '../ip/socket-address.ts'

const patienceMs = 60_000

const { address, port } = parseSocketAddress(process.argv[2] ?? '')
const socket = createSocket(address.includes(':') ? 'udp6' : 'udp4')
const replies: string[] = []
for (const line of (await text(process.stdin)).split('\n')) {
  const reply = once(socket, 'message', { signal: AbortSignal.timeout(patienceMs) })
  socket.send(Buffer.from(line, 'hex'), port, address)
  replies.push(
    await reply.then(
      ([octets]) => (octets as Buffer).toString('hex'),
      () => 'none',
    ),
  )
}
socket.close()
process.stdout.write(`${replies.join('\n')}\n`)
