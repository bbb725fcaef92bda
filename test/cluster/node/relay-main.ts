/** Runs in a node's namespace: `relay-main.ts SOCKET PORT` carries what comes to a socket of the file system to a port of loopback. */
import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import { pipeline } from 'node:stream'

const [path = '', port = ''] = process.argv.slice(2)

const server = createServer((near) => {
  const far = connect(Number(port), '127.0.0.1')
  pipeline(near, far, near, () => {})
})
server.listen(path)
await once(server, 'listening')
process.stdout.write('ready\n')
