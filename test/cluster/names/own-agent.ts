import { randomInt } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { formatSocketAddress } from '../../../src/ip/socket-address.ts'
import { spawnAgent } from '../../../src/testing/agent-process.ts'
import { startControllerProcess } from '../../../src/testing/controller-process.ts'
import {
  startUpstreamServer,
  type UpstreamServer,
  type Zone,
} from '../../../src/testing/upstream-server.ts'
import { rcode } from '../../../src/wire/rcode.ts'
import { freePorts } from '../free-ports.ts'
import type { TestCluster } from '../start-cluster.ts'
import { askServer } from './ask-server.ts'
import { ownNamespace, searchList } from './questions.ts'

const patienceMs = 120_000

/** An agent whose names come from a controller of the cluster, each a process of its own. */
export class OwnAgent implements AsyncDisposable {
  readonly address = '127.0.0.1'
  readonly port: number
  readonly #upstream: UpstreamServer
  readonly #made: AsyncDisposableStack

  private constructor(port: number, upstream: UpstreamServer, made: AsyncDisposableStack) {
    this.port = port
    this.#upstream = upstream
    this.#made = made
  }

  /** It knows all of the cluster when this returns; `zone` is what exists outside. */
  static async start(cluster: TestCluster, domain: string, zone: Zone): Promise<OwnAgent> {
    await using made = new AsyncDisposableStack()
    const rig = { after: (stop: () => unknown) => made.defer(async () => void (await stop())) }
    // Servers of resolv.conf have port 53; addresses of loopback there are enough.
    const address = `127.${randomInt(1, 255)}.${randomInt(1, 255)}.53`
    const upstream = await startUpstreamServer(zone, { address, port: 53 })
    made.defer(() => upstream.stop())
    const [port = 0] = await freePorts(1)
    const folder = join(cluster.folder, `agent-${port}`)
    const controller = await startControllerProcess(rig, {
      stateFolder: `${folder}-controller`,
      flags: wordsOf(`--kubernetes --kubeconfig ${cluster.kubeconfig} --cluster-domain ${domain}
        --kubernetes-pod-name ${domain} --admission-addresses 127.0.0.1:0`),
    })
    const resolvConf = `${folder}.conf`
    await writeFile(resolvConf, `nameserver ${address}\nsearch ${searchList(domain).join(' ')}\n`)
    const flags = `--listen 127.0.0.1:${port} --cluster-domain ${domain} --namespace ${ownNamespace}
      --controller ${formatSocketAddress(controller.plaintext)} --controller-tls never
      --resolv-conf ${resolvConf} --state-folder ${folder} --relay-listen 127.0.0.1:0
      --admin-address 127.0.0.1:0 --admin-readiness-address 127.0.0.1:0`
    await spawnAgent(rig, wordsOf(flags))
    const agent = new OwnAgent(port, upstream, made.move())
    try {
      await agent.#knowsAll(domain)
      return agent
    } catch (error) {
      await agent[Symbol.asyncDispose]()
      throw error
    }
  }

  /** `TRANSPORT NAME TYPE` of what was asked elsewhere since the last time. */
  forwarded(): readonly string[] {
    return this.#upstream.asked.splice(0)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#made.disposeAsync()
  }

  /** Nobody outside knows of namespaces: whoever says that one exists has it from the cluster. */
  async #knowsAll(domain: string): Promise<void> {
    const end = performance.now() + patienceMs
    for (;;) {
      const [answer] = await askServer(this, [`${ownNamespace}.svc.${domain}. A`])
      this.forwarded()
      if (answer?.rcode === rcode.NOERROR) return
      if (performance.now() > end) throw new Error('the agent never knew all of the cluster')
      await setTimeout(100)
    }
  }
}

function wordsOf(text: string): readonly string[] {
  return text.split(/\s+/)
}
