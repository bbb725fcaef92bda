import dgram from 'node:dgram'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import dnsPacket from 'dns-packet'
import { LineLog } from '../../src/testing/line-log.ts'
import { freePorts } from './free-ports.ts'
import type { TestCluster } from './start-cluster.ts'

export interface CorednsOptions {
  /** The cluster's domain. */
  readonly domain?: string
  /** ADDRESS or ADDRESS:PORT of whom it asks about all other names; without one it refuses them. */
  readonly upstream?: string
  /** How long it keeps what it answered; kubeadm's 30 unless a test changes objects under it. */
  readonly cacheSeconds?: number
}

const patienceMs = 60_000

/** CoreDNS with kubeadm's Corefile, on loopback; it ends with its cluster. */
export class Coredns {
  readonly address = '127.0.0.1'
  readonly port: number
  readonly #log: LineLog
  #sentinels = 0

  private constructor(port: number, log: LineLog) {
    this.port = port
    this.#log = log
  }

  /** It has read the cluster's objects when this returns. */
  static async start(cluster: TestCluster, options: CorednsOptions = {}): Promise<Coredns> {
    const [port = 0, readyPort = 0] = await freePorts(2)
    const file = join(cluster.folder, `Corefile-${port}`)
    await writeFile(file, corefile({ port, readyPort, kubeconfig: cluster.kubeconfig, ...options }))
    const child = cluster.run('coredns', ['-conf', file])
    if (!child.stdout) throw new Error('it has no output')
    const coredns = new Coredns(port, new LineLog(child.stdout))
    const end = performance.now() + patienceMs
    for (;;) {
      const url = `http://127.0.0.1:${readyPort}/ready`
      const answer = await fetch(url).catch(() => undefined)
      if (answer?.ok) return coredns
      if (performance.now() > end) throw new Error(await cluster.log('coredns'))
      await setTimeout(100)
    }
  }

  /** `NAME TYPE` of every question that reached it since it was asked last, in the order of answers. */
  async asked(): Promise<readonly string[]> {
    // Lines are in the order of answers: when this one is there, those before it are.
    const sentinel = `sentinel${this.#sentinels++}.invalid.`
    await this.#ask(sentinel)
    await this.#log.line(new RegExp(`IN ${sentinel}`))
    const { lines } = this.#log
    this.#log.clear()
    const questions = lines.map((line) => /"(\S+) IN (\S+) /.exec(line))
    return questions.flatMap((found) => {
      const [, type, name = ''] = found ?? []
      return type === undefined || name.startsWith('sentinel') ? [] : [`${name} ${type}`]
    })
  }

  async #ask(name: string): Promise<void> {
    const socket = dgram.createSocket('udp4')
    try {
      const query = dnsPacket.encode({ type: 'query', id: 1, questions: [{ type: 'A', name }] })
      socket.send(query, this.port, this.address)
      await once(socket, 'message', { signal: AbortSignal.timeout(patienceMs) })
    } finally {
      socket.close()
    }
  }
}

/** As kubeadm writes it, but for ports, and a line for every question. */
export function corefile({
  port,
  readyPort,
  kubeconfig,
  listen = '127.0.0.1',
  domain = 'cluster.local',
  upstream,
  cacheSeconds = 30,
}: CorednsOptions & {
  readonly port: number
  readonly readyPort: number
  readonly kubeconfig: string
  readonly listen?: string
}): string {
  return `.:${port} {
  bind ${listen}
  errors
  log
  ready ${listen}:${readyPort}
  kubernetes ${domain} in-addr.arpa ip6.arpa {
    kubeconfig ${kubeconfig}
    pods insecure
    fallthrough in-addr.arpa ip6.arpa
    ttl 30
  }
  ${upstream === undefined ? '' : `forward . ${upstream}`}
  ${cacheSeconds > 0 ? `cache ${cacheSeconds}` : ''}
  loadbalance
}
`
}
