import { connect, createServer } from 'node:net'
import { join } from 'node:path'
import { pipeline } from 'node:stream'
import { RelayedServer } from './relayed-server.ts'

/** Lets the test's own process reach a port of a node's loopback. */
export async function startApiRelay(
  enter: readonly string[],
  folder: string,
  port: number,
): Promise<RelayedServer> {
  const path = join(folder, 'relay.sock')
  const server = createServer((near) => {
    pipeline(near, connect(path), near, () => {})
  })
  return await RelayedServer.start(server, 0, { enter, from: path, to: `127.0.0.1:${port}` })
}
