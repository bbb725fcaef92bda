import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import type { Server, Socket } from 'node:net'
import { fileURLToPath } from 'node:url'
import { boundAddress } from '../../../src/ip/bind-server.ts'
import { LineLog } from '../../../src/testing/line-log.ts'

const program = fileURLToPath(new URL('./relay-main.ts', import.meta.url))

/** From where to where connections are carried; each is ADDRESS:PORT, or a socket's path. */
export interface RelayWay {
  /** Words before those of a program that shall run in a node's namespace. */
  readonly enter: readonly string[]
  readonly from: string
  readonly to: string
}

/** A server of the test's own process, and a process in a node's namespace that carries connections from or to it. */
export class RelayedServer implements AsyncDisposable {
  readonly #server: Server
  readonly #relay: ChildProcess
  readonly #streams = new Set<Socket>()

  private constructor(server: Server, relay: ChildProcess) {
    this.#server = server
    this.#relay = relay
  }

  /** `at` is a port of loopback, or a socket's path. */
  static async start(
    server: Server,
    at: number | string,
    { enter, from, to }: RelayWay,
  ): Promise<RelayedServer> {
    if (typeof at === 'number') server.listen(at, '127.0.0.1')
    else server.listen(at)
    await once(server, 'listening')
    const argv = [...enter, 'setpriv', '--pdeathsig', 'KILL', process.execPath, program, from, to]
    const relay = spawn(argv[0] ?? '', argv.slice(1), { stdio: ['ignore', 'pipe', 'inherit'] })
    await new LineLog(relay.stdout).line(/^ready$/)
    const relayed = new RelayedServer(server, relay)
    server.on('connection', (stream: Socket) => {
      relayed.#streams.add(stream)
      stream.once('close', () => relayed.#streams.delete(stream))
    })
    return relayed
  }

  /** On loopback, of one that has a port. */
  get port(): number {
    return boundAddress(this.#server).port
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.close()
    for (const stream of this.#streams) stream.destroy()
    const closed = once(this.#relay, 'close')
    this.#relay.kill('SIGKILL')
    await closed
  }
}
