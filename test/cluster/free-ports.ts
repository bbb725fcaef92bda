import { randomInt } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type ListenOptions, type Server } from 'node:net'

/** Below the range that the kernel takes ports from for whoever says 0, or connects. */
const lowest = 20_000
const end = 32_000

/** Ports of loopback that are free, and that no other test is given before this process has ended. */
export async function freePorts(count: number): Promise<readonly number[]> {
  const ports: number[] = []
  while (ports.length < count) {
    const port = randomInt(lowest, end)
    if (await reserve(port)) ports.push(port)
  }
  return ports
}

/** By a name of a socket, which the kernel forgets with this process. */
async function reserve(port: number): Promise<boolean> {
  const lock = await tryListen({ path: `\0meshdns-test-port-${port}` })
  if (!lock) return false
  lock.unref()
  const probe = await tryListen({ host: '127.0.0.1', port })
  for (const server of probe ? [probe] : [lock]) {
    server.close()
    await once(server, 'close')
  }
  return probe !== undefined
}

async function tryListen(options: ListenOptions): Promise<Server | undefined> {
  const server = createServer().listen(options)
  return await once(server, 'listening').then(
    () => server,
    () => undefined,
  )
}
