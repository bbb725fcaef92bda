/**
 * Scripted services for tests: `endpoint-main.ts NAME@ADDRESS:PORT…`. Each answers HTTP requests
 * with `NAME` and the Host header that it saw; one whose name begins with `tcp` says its name to
 * whoever connects, as many services do that are not HTTP.
 */
import { once } from 'node:events'
import http from 'node:http'
import net from 'node:net'
import { parseSocketAddress } from '../ip/socket-address.ts'

for (const word of process.argv.slice(2)) {
  const at = word.indexOf('@')
  const name = word.slice(0, at)
  const { address, port } = parseSocketAddress(word.slice(at + 1))
  const server = name.startsWith('tcp')
    ? net.createServer((socket) => {
        socket.on('error', () => socket.destroy())
        socket.end(`${name}\n`)
      })
    : http.createServer({ headersTimeout: 0, requestTimeout: 0 }, (request, response) => {
        response.end(`${name} ${request.headers.host ?? ''}\n`)
      })
  server.listen(port, address)
  await once(server, 'listening')
}
process.stdout.write('ready\n')
