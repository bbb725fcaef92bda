/**
 * TLS for tests, by a shared key, so that nobody needs a certificate. `tls-main.ts serve
 * NAME@ADDRESS:PORT…` greets with its name and the server name that the client sent (SNI);
 * `tls-main.ts call HOST PORT` prints what it is greeted with.
 */
import { once } from 'node:events'
import tls from 'node:tls'
import { parseSocketAddress } from '../ip/socket-address.ts'

const psk = Buffer.alloc(16, 7)
const shared = { ciphers: 'PSK', maxVersion: 'TLSv1.2' } as const

async function serve(word: string): Promise<void> {
  const at = word.indexOf('@')
  const name = word.slice(0, at)
  const { address, port } = parseSocketAddress(word.slice(at + 1))
  const server = tls.createServer({ ...shared, pskCallback: () => psk }, (socket) => {
    socket.on('error', () => {})
    socket.end(`${name} greets ${String(socket.servername)}\n`)
  })
  server.listen(port, address)
  await once(server, 'listening')
}

function call(host: string, port: number): void {
  const socket = tls.connect({
    ...shared,
    host,
    port,
    servername: host,
    pskCallback: () => ({ psk, identity: 'test' }),
    checkServerIdentity: () => undefined,
  })
  socket.pipe(process.stdout)
}

const [role, ...words] = process.argv.slice(2)
if (role === 'serve') {
  for (const word of words) await serve(word)
  process.stdout.write('ready\n')
} else {
  call(words[0] ?? '', Number(words[1]))
}
