/**
 * What stands behind the mesh of `test/run`: `run-endpoints-main.ts KIND NAME WHERE …`, where WHERE is
 * ADDRESS:PORT or the path of a socket file, and KIND one of
 *
 * - `http`: answers with its name and the Host header; `/octets/N` with N octets that have a pattern;
 * - `tcp`: says its name, then everything that it hears;
 * - `postgres`: answers every query with its name.
 */
import { once } from 'node:events'
import http from 'node:http'
import net from 'node:net'
import { parseSocketAddress } from '../ip/socket-address.ts'
import { createPostgresServer } from './postgres-server.ts'

const pattern = Buffer.from(Array.from({ length: 65_521 }, (_, at) => (at * 31) % 251))

function createServer(kind: string, name: string): net.Server {
  if (kind === 'postgres') return createPostgresServer(name)
  if (kind === 'http')
    return http.createServer((request, response) => respond(request, response, name))
  return net.createServer({ allowHalfOpen: true }, (client) => {
    client.on('error', () => client.destroy())
    client.write(`${name}\n`)
    client.pipe(client)
  })
}

function respond(request: http.IncomingMessage, response: http.ServerResponse, name: string): void {
  const [, length] = /^\/octets\/(\d+)$/.exec(request.url ?? '') ?? []
  if (length === undefined) {
    response.end(`${name} ${request.headers.host ?? ''}\n`)
    return
  }
  response.setHeader('content-length', length)
  let left = Number(length)
  const write = () => {
    while (left > 0) {
      const octets = pattern.subarray(0, left)
      left -= octets.length
      if (!response.write(octets)) return
    }
    response.end()
  }
  response.on('drain', write)
  write()
}

const words = process.argv.slice(2)
for (let at = 0; at + 2 < words.length; at += 3) {
  const [kind = '', name = '', where = ''] = words.slice(at, at + 3)
  const server = createServer(kind, name)
  if (where.startsWith('/')) server.listen(where)
  else {
    const { address, port } = parseSocketAddress(where)
    server.listen({ host: address, port, backlog: 1_024 })
  }
  await once(server, 'listening')
}
process.stdout.write('ready\n')
