/** Runs in a node's namespace: `relay-main.ts FROM TO` carries connections; each is ADDRESS:PORT, or a socket's path. */
import { once } from 'node:events'
import { connect, createServer, type TcpNetConnectOpts } from 'node:net'
import { pipeline } from 'node:stream'

const [from = '', to = ''] = process.argv.slice(2)

const server = createServer((near) => {
  const far = connect(placeOf(to))
  pipeline(near, far, near, () => {})
})
server.listen(placeOf(from))
await once(server, 'listening')
process.stdout.write('ready\n')

function placeOf(text: string): TcpNetConnectOpts | { readonly path: string } {
  const [, host = '', port = ''] = /^([^/]+):(\d+)$/.exec(text) ?? []
  return host === '' ? { path: text } : { host, port: Number(port) }
}
