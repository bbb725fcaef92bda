import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import type { TestContext } from 'node:test'
import { fileURLToPath } from 'node:url'
import { parseSocketAddress, type SocketAddress } from '../ip/socket-address.ts'
import { LineLog } from './line-log.ts'

const main = fileURLToPath(new URL('../cli/main.ts', import.meta.url))

/** A controller in a process of its own. */
export interface ControllerProcess {
  readonly plaintext: SocketAddress
  readonly log: LineLog
  /** Resolves with the exit code; `null` when the signal ended it. */
  end(signal: NodeJS.Signals): Promise<number | null>
  tell(signal: NodeJS.Signals): void
}

/** Starts `meshdns controller` on ports of its own; it serves when this returns, and ends with the test. */
export async function startControllerProcess(
  test: Pick<TestContext, 'after'>,
  { sources, stateFolder }: { readonly sources: string; readonly stateFolder: string },
): Promise<ControllerProcess> {
  const words = ['--run-as', 'root', '--sources', sources, '--state-folder', stateFolder]
  words.push('--admin-address', '127.0.0.1:0', '--xds-plaintext-address', '127.0.0.1:0')
  words.push('--xds-tls-addresses', '127.0.0.1:0')
  const child: ChildProcess = spawn(process.execPath, [main, 'controller', ...words], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const { stdout } = child
  if (!stdout) throw new TypeError('no output')
  const closed = once(child, 'close')
  test.after(() => child.kill('SIGKILL'))
  const log = new LineLog(stdout)
  const line = JSON.parse(await log.line(/"msg":"serving"/)) as { servers: readonly string[] }
  return {
    plaintext: parseSocketAddress(line.servers[0] ?? ''),
    log,
    tell: (signal) => void child.kill(signal),
    async end(signal) {
      child.kill(signal)
      const [code] = (await closed) as [number | null]
      return code
    },
  }
}
