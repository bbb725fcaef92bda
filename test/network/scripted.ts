import { join } from 'node:path'
import type { HostProcess, TestNetwork } from '../../src/testing/test-network.ts'
import { root } from '../architecture/tree.ts'

/** Starts a program of `src/testing` in a host; it is ready when this returns. */
export async function startScript(
  hosts: TestNetwork,
  host: string,
  [script = '', ...words]: readonly string[],
): Promise<HostProcess> {
  const file = join(root, 'src/testing', `${script}.ts`)
  const started = hosts.start(host, [process.execPath, file, ...words])
  await started.stdout.line(/^ready$/)
  return started
}

/** The scripted DNS server on a host of its own, and what it was asked. */
export class ScriptedUpstream {
  readonly #process: HostProcess
  readonly #askDirectly: (question: string) => Promise<void>
  #sentinels = 0

  private constructor(process: HostProcess, askDirectly: (question: string) => Promise<void>) {
    this.#process = process
    this.#askDirectly = askDirectly
  }

  /** `askDirectly` asks it from where nothing is caught. */
  static async start(
    hosts: TestNetwork,
    { host, addresses }: { readonly host: string; readonly addresses: readonly string[] },
    askDirectly: (question: string) => Promise<void>,
  ): Promise<ScriptedUpstream> {
    const words = ['upstream-main', host, '53', ...addresses]
    const process = await startScript(hosts, host, words)
    process.stdout.clear()
    return new ScriptedUpstream(process, askDirectly)
  }

  /** Returns when such a question, `NAME TYPE transport`, has reached it. */
  async seen(pattern: RegExp): Promise<void> {
    await this.#process.stdout.line(pattern)
  }

  /** `NAME TYPE transport` of every question that reached it since it was asked last. */
  async asked(): Promise<readonly string[]> {
    const { stdout } = this.#process
    // Lines come in order: when this one is there, those before it are.
    const sentinel = `sentinel${this.#sentinels++}.up.test`
    await this.#askDirectly(sentinel)
    await stdout.line(new RegExp(`^${sentinel}`))
    const { lines } = stdout
    stdout.clear()
    return lines.filter((line) => !line.startsWith('sentinel'))
  }
}
