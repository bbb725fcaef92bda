import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { eventually } from '../../src/testing/eventually.ts'
import { LineLog } from '../../src/testing/line-log.ts'
import { freePorts } from './free-ports.ts'
import { runProgram } from './run-program.ts'
import type { TestCluster } from './start-cluster.ts'

export interface CorednsOptions {
  /** Loopback, and a port that is free, when not said. */
  readonly listen?: string
  readonly port?: number
  /** The cluster's domain. */
  readonly domain?: string
  /** Domain of imports from other clusters; without one it knows of none. */
  readonly multicluster?: string
  /** ADDRESS or ADDRESS:PORT of whom it asks about all other names; without one it refuses them. */
  readonly upstream?: string
  /** How long it keeps what it answered; kubeadm's 30 unless a test changes objects under it. */
  readonly cacheSeconds?: number
}

/** CoreDNS with kubeadm's Corefile, where the cluster runs; it ends with its cluster. */
export class Coredns {
  readonly address: string
  readonly port: number
  readonly #enter: readonly string[]
  readonly #log: LineLog
  #sentinels = 0

  private constructor(
    parts: Pick<Coredns, 'address' | 'port'>,
    enter: readonly string[],
    log: LineLog,
  ) {
    this.address = parts.address
    this.port = parts.port
    this.#enter = enter
    this.#log = log
  }

  /** It has read the cluster's objects and answers when this returns. */
  static async start(cluster: TestCluster, options: CorednsOptions = {}): Promise<Coredns> {
    const [freePort = 0, readyPort = 0] = await freePorts(2)
    const { listen: address = '127.0.0.1', port = freePort } = options
    const file = join(cluster.folder, `Corefile-${port}`)
    const { kubeconfig, enter } = cluster
    await writeFile(file, corefile({ ...options, listen: address, port, readyPort, kubeconfig }))
    const child = cluster.run('coredns', ['-conf', file])
    if (!child.stdout) throw new Error('it has no output')
    const coredns = new Coredns({ address, port }, enter, new LineLog(child.stdout))
    const url = `http://${address}:${readyPort}/ready`
    const knowsAll = async () => {
      const { code } = await runProgram([...enter, 'curl', '-sf', '--max-time', '5', url])
      return code === 0
    }
    // It says that it is ready a moment before it opens its port for questions.
    for (const works of [knowsAll, () => coredns.#ask('sentinel.invalid.')]) {
      await eventually(works).catch(async (cause: unknown) => {
        throw new Error(await cluster.log('coredns'), { cause })
      })
    }
    return coredns
  }

  /** `NAME TYPE` of every question that reached it since it was asked last, in the order of answers. */
  async asked(): Promise<readonly string[]> {
    // Lines are in the order of answers: when this one is there, those before it are.
    const sentinel = `sentinel${this.#sentinels++}.invalid.`
    await eventually(() => this.#ask(sentinel))
    await this.#log.line(new RegExp(`IN ${sentinel}`))
    const { lines } = this.#log
    this.#log.clear()
    const questions = lines.map((line) => /"(\S+) IN (\S+) /.exec(line))
    return questions.flatMap((found) => {
      const [, type, name = ''] = found ?? []
      return type === undefined || name.startsWith('sentinel') ? [] : [`${name} ${type}`]
    })
  }

  /**
   * What reached it while something happened. That is done once more when an agent looked for its controller
   * meanwhile: one that has lost it asks about what it does not know.
   */
  async askedWhile(happening: () => Promise<unknown>): Promise<readonly string[]> {
    for (;;) {
      await this.asked()
      await happening()
      const asked = await this.asked()
      if (!asked.some((question) => question.startsWith('istiod.'))) return asked
    }
  }

  /** True when there was an answer. */
  async #ask(name: string): Promise<boolean> {
    const place = [`@${this.address}`, '-p', `${this.port}`]
    const { code } = await runProgram([...this.#enter, 'dig', '+tries=5', ...place, name])
    return code === 0
  }
}

/** As kubeadm writes it, but for ports, and a line for every question. */
function corefile({
  port,
  readyPort,
  kubeconfig,
  listen,
  domain = 'cluster.local',
  multicluster = '',
  upstream,
  cacheSeconds = 30,
}: CorednsOptions & {
  readonly port: number
  readonly readyPort: number
  readonly kubeconfig: string
  readonly listen: string
}): string {
  return `.:${port} {
  bind ${listen}
  errors
  log
  ready ${listen}:${readyPort}
  kubernetes ${domain} ${multicluster} in-addr.arpa ip6.arpa {
    kubeconfig ${kubeconfig}
    pods insecure
    fallthrough in-addr.arpa ip6.arpa
    ttl 30
    ${multicluster === '' ? '' : `multicluster ${multicluster}`}
  }
  ${upstream === undefined ? '' : `forward . ${upstream}`}
  ${cacheSeconds > 0 ? `cache ${cacheSeconds}` : ''}
  loadbalance
}
`
}
