import { once } from 'node:events'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { startAgentProcess, startUpstreamProcess } from '../../../src/testing/agent-process.ts'
import { PrivateNetwork } from '../../../src/testing/private-network.ts'
import { root } from '../../architecture/tree.ts'
import { Prober } from '../../mesh/prober.ts'

const carrier = fileURLToPath(new URL('./carry-main.ts', import.meta.url))
const prober = join(root, 'src/testing/prober-main.ts')
const upstream = '127.0.0.53'

/** Of agents that do not wait long for a controller that they lost. */
const hasty = ['--controller-reconnect-max-ms', '400', '--controller-connect-timeout-ms', '1000']

/** An agent in a network of its own, with a DNS server outside of the mesh; what it needs of ours comes through sockets of the file system. */
export class PodNetwork implements AsyncDisposable {
  readonly #network: PrivateNetwork

  private constructor(network: PrivateNetwork) {
    this.#network = network
  }

  /** Controllers are tried in the order of `doors`; the agent has the mesh when this returns. */
  static async start(folder: string, doors: readonly string[]): Promise<PodNetwork> {
    const network = await PrivateNetwork.open()
    const pod = new PodNetwork(network)
    try {
      await pod.#start(folder, doors)
      return pod
    } catch (error) {
      await pod[Symbol.asyncDispose]()
      throw error
    }
  }

  /** Asks the agent for these, one after another, all the time. */
  async ask(names: readonly string[]): Promise<Prober> {
    const words = ['127.0.0.1', '5', ...names]
    const { child, ...output } = this.#network.start([process.execPath, prober, ...words])
    const ended = once(child, 'close').then(([code, signal]) => (code ?? signal) as number)
    await output.stdout.line(/^ready$/)
    return new Prober({ child, ...output, ended })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#network[Symbol.asyncDispose]()
  }

  async #start(folder: string, doors: readonly string[]): Promise<void> {
    mkdirSync(folder)
    const network = this.#network
    const ways = doors.map((path, at) => ({ address: `127.0.1.${at + 1}`, path }))
    const words = ways.flatMap(({ address, path }) => [address, '15010', path])
    const carry = network.start([process.execPath, carrier, ...words])
    await carry.stdout.line(/^ready$/)
    await startUpstreamProcess(network, 'outside', [upstream])
    const resolvConf = join(folder, 'resolv.conf')
    writeFileSync(resolvConf, `nameserver ${upstream}\n`)
    const controllers = ways.map(({ address }) => `${address}:15010`).join()
    const agent = await startAgentProcess(network, {
      stateFolder: join(folder, 'state'),
      resolvConf,
      flags: ['--listen', '127.0.0.1:53', '--controller', controllers, ...hasty],
    })
    await agent.log.line(/the table is the controller/)
  }
}
