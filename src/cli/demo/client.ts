import { lookup } from 'node:dns/promises'
import { once } from 'node:events'
import net from 'node:net'

// Stands in for `curl -v` where that is not installed: same lines, no more than the demo needs.

const url = new URL(process.argv[2] ?? '')
const port = Number(url.port || 80)
const { address } = await lookup(url.hostname, { family: 4 })
process.stdout.write(`*   Trying ${address}:${port}...\n`)
const socket = net.connect(port, address)
await once(socket, 'connect')
process.stdout.write(`* Connected to ${url.hostname} (${address}) port ${port}\n`)
if (url.protocol === 'http:') {
  const request = [`GET ${url.pathname} HTTP/1.0`, `Host: ${url.hostname}`, 'Accept: */*', '', '']
  process.stdout.write(
    request
      .slice(0, -1)
      .map((line) => `> ${line}\n`)
      .join(''),
  )
  socket.write(request.join('\r\n'))
}
const chunks: Buffer[] = []
for await (const chunk of socket) chunks.push(chunk as Buffer)
const [head = '', ...body] = Buffer.concat(chunks).toString('utf8').split('\r\n\r\n')
if (body.length === 0) process.stdout.write(head)
else
  process.stdout.write(
    `${head.replaceAll('\r\n', '\n').replaceAll(/^/gm, '< ')}\n<\n${body.join('\r\n\r\n')}`,
  )
process.stdout.write('* Closing connection\n')
