import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import { setImmediate } from 'node:timers/promises'

/** Waits, turn by turn of the event loop, for something to become true. */
export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await setImmediate()
}

/** A server on loopback whose connections can be half-closed, and its port. */
export async function listenTcp(
  onConnection: (socket: Socket) => void,
  host = '127.0.0.1',
): Promise<{ readonly server: Server; readonly port: number }> {
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    socket.on('error', () => {})
    onConnection(socket)
  })
  server.listen(0, host)
  await once(server, 'listening')
  return { server, port: (server.address() as AddressInfo).port }
}

/** Two ends of one TCP connection on loopback; neither reads before it is asked. */
export async function socketPair(): Promise<readonly [Socket, Socket]> {
  const server = createServer({ allowHalfOpen: true, pauseOnConnect: true })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const far = connect({ port: (server.address() as AddressInfo).port, allowHalfOpen: true })
  const [[near]] = (await Promise.all([once(server, 'connection'), once(far, 'connect')])) as [
    [Socket],
    unknown,
  ]
  server.close()
  for (const socket of [near, far]) socket.on('error', () => {})
  return [near, far]
}

/** A port of loopback on which nobody listens. */
export async function closedPort(): Promise<number> {
  const { server, port } = await listenTcp(() => {})
  server.close()
  await once(server, 'close')
  return port
}

/** Everything until the other side ends. */
export async function readAll(socket: Socket): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of socket) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString()
}

/** How a connection ended: `end`, or the code of the error (`ECONNRESET`, …). */
export async function endingOf(socket: Socket): Promise<string> {
  socket.resume()
  return new Promise((resolve) => {
    socket.once('end', () => resolve('end'))
    socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? 'unknown'))
  })
}

/** Says something, if there is something to say, ends, and gives what came back, or the error's code. */
export async function converse(socket: Socket, words = ''): Promise<string> {
  socket.end(words)
  return readAll(socket).catch((error: NodeJS.ErrnoException) => error.code ?? 'unknown')
}
