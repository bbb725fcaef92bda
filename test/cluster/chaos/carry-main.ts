/**
 * Runs in a network of its own: `carry-main.ts ADDRESS PORT SOCKET…` carries what comes to the port there to sockets
 * of the file system; any number of such three.
 */
import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import { pipeline } from 'node:stream'

const words = process.argv.slice(2)
while (words.length > 0) {
  const [address = '', port = '', path = ''] = words.splice(0, 3)
  const server = createServer((near) => {
    const far = connect(path)
    pipeline(near, far, near, () => {})
  })
  server.listen(Number(port), address)
  await once(server, 'listening')
}
process.stdout.write('ready\n')
