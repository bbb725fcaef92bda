import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import type { TestContext } from 'node:test'
import { fileURLToPath } from 'node:url'
import { parseSocketAddress, type SocketAddress } from '../ip/socket-address.ts'
import { LineLog } from './line-log.ts'

const main = fileURLToPath(new URL('../cli/main.ts', import.meta.url))

/** A controller in a process of its own. */
export interface ControllerProcess {
  readonly pid: number
  readonly plaintext: SocketAddress
  readonly tls: SocketAddress
  readonly pages: SocketAddress
  readonly log: LineLog
  /** What it said besides its log. */
  readonly errors: LineLog
  /** Resolves with the exit code; `null` when the signal ended it. */
  end(signal: NodeJS.Signals): Promise<number | null>
  tell(signal: NodeJS.Signals): void
}

export interface ControllerProcessOptions {
  /** None where the mesh comes from elsewhere. */
  readonly sources?: string
  readonly stateFolder: string
  readonly flags?: readonly string[]
}

interface ServingLine {
  readonly servers: readonly string[]
  /** Of the pages. */
  readonly address: string
}

/** Starts `meshdns controller` on ports of its own; it serves when this returns, and ends with the test. */
export async function startControllerProcess(
  test: Pick<TestContext, 'after'>,
  { sources, stateFolder, flags = [] }: ControllerProcessOptions,
): Promise<ControllerProcess> {
  const words = ['--run-as', 'root', '--state-folder', stateFolder]
  if (sources !== undefined) words.push('--sources', sources)
  words.push('--admin-address', '127.0.0.1:0', '--xds-plaintext-address', '127.0.0.1:0')
  words.push('--xds-tls-addresses', '127.0.0.1:0', ...flags)
  const child: ChildProcess = spawn(process.execPath, [main, 'controller', ...words], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const { stdout, stderr, pid } = child
  if (!stdout || !stderr || pid === undefined) throw new TypeError('no output')
  const errors = new LineLog(stderr)
  const closed = once(child, 'close')
  test.after(() => child.kill('SIGKILL'))
  const log = new LineLog(stdout)
  const serving = await log.line(/"msg":"serving"/).catch((cause: unknown) => {
    throw new Error(`the controller did not start: ${errors.text}`, { cause })
  })
  const { servers, address } = JSON.parse(serving) as ServingLine
  return {
    pid,
    plaintext: parseSocketAddress(servers[0] ?? ''),
    tls: parseSocketAddress(servers[1] ?? ''),
    pages: parseSocketAddress(address),
    log,
    errors,
    tell: (signal) => void child.kill(signal),
    async end(signal) {
      child.kill(signal)
      const [code] = (await closed) as [number | null]
      return code
    },
  }
}
