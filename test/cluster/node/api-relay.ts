import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import { join } from 'node:path'
import { pipeline } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { LineLog } from '../../../src/testing/line-log.ts'

const program = fileURLToPath(new URL('./relay-main.ts', import.meta.url))

/** Carries connections that come in a node's namespace; each place is ADDRESS:PORT, or a socket's path. */
export async function startRelay(
  enter: readonly string[],
  from: string,
  to: string,
): Promise<ChildProcess> {
  const argv = [...enter, 'setpriv', '--pdeathsig', 'KILL', process.execPath, program, from, to]
  const child = spawn(argv[0] ?? '', argv.slice(1), { stdio: ['ignore', 'pipe', 'inherit'] })
  await new LineLog(child.stdout).line(/^ready$/)
  return child
}

/** Lets the test's own process reach a port of a node's loopback. */
export class ApiRelay implements AsyncDisposable {
  readonly #child: ChildProcess
  readonly #server: Server
  readonly #sockets: Set<Socket>

  private constructor(child: ChildProcess, server: Server, sockets: Set<Socket>) {
    this.#child = child
    this.#server = server
    this.#sockets = sockets
  }

  static async start(enter: readonly string[], folder: string, port: number): Promise<ApiRelay> {
    const path = join(folder, 'relay.sock')
    const child = await startRelay(enter, path, `127.0.0.1:${port}`)
    const sockets = new Set<Socket>()
    const server = createServer((near) => {
      const far = connect(path)
      for (const socket of [near, far]) {
        sockets.add(socket)
        socket.once('close', () => sockets.delete(socket))
      }
      pipeline(near, far, near, () => {})
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    return new ApiRelay(child, server, sockets)
  }

  /** On loopback of this machine. */
  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.close()
    for (const socket of this.#sockets) socket.destroy()
    const closed = once(this.#child, 'close')
    this.#child.kill('SIGKILL')
    await closed
  }
}
