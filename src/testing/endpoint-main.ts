/**
 * A scripted service for tests: `endpoint-main.ts NAME@ADDRESS:PORT…`. Each answers HTTP requests
 * with `NAME` and the Host header that it saw.
 */
import http from 'node:http'
import { parseSocketAddress } from '../ip/socket-address.ts'

for (const word of process.argv.slice(2)) {
  const at = word.indexOf('@')
  const name = word.slice(0, at)
  const { address, port } = parseSocketAddress(word.slice(at + 1))
  http
    .createServer((request, response) => {
      response.end(`${name} ${request.headers.host ?? ''}\n`)
    })
    .listen(port, address)
}
process.stdout.write('ready\n')
