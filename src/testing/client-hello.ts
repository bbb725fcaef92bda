import { once } from 'node:events'
import { connect } from 'node:tls'
import { listenTcp } from './sockets.ts'

/** What Node's TLS really sends first, for this server name. */
export async function clientHello(servername: string): Promise<Buffer> {
  const heard = Promise.withResolvers<Buffer>()
  const { server, port } = await listenTcp((socket) => {
    socket.once('data', (hello: Buffer) => {
      heard.resolve(hello)
      socket.destroy()
    })
  })
  const client = connect({ port, host: '127.0.0.1', servername, rejectUnauthorized: false })
  client.on('error', () => {})
  const hello = await heard.promise
  client.destroy()
  server.close()
  await once(server, 'close')
  return hello
}

/** The same handshake message, spread over records of at most `size` octets. */
export function fragment(hello: Buffer, size: number): Buffer {
  const message = hello.subarray(5)
  const records: Buffer[] = []
  for (let at = 0; at < message.length; at += size) {
    const part = message.subarray(at, at + size)
    records.push(Buffer.from([22, 3, 1, part.length >> 8, part.length & 255]), part)
  }
  return Buffer.concat(records)
}
