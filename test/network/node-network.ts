import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readShortDig } from '../../src/testing/dig-reply.ts'
import { FakeClusterApi } from '../../src/testing/fake-cluster-api.ts'
import { LineLog } from '../../src/testing/line-log.ts'
import { TestNetwork } from '../../src/testing/test-network.ts'
import { writeKubeconfig } from '../../src/testing/write-kubeconfig.ts'
import { root } from '../architecture/tree.ts'
import { addressOf, type ServerName } from './mesh-network.ts'
import { ScriptedUpstream, startScript } from './scripted.ts'

/** What a test says of a pod. */
export interface TestPod {
  readonly name: string
  readonly namespace?: string
  /** Last part of its addresses. */
  readonly last: number
  readonly resolvConf: string
  readonly labels?: Readonly<Record<string, string>>
  readonly annotations?: Readonly<Record<string, string>>
  readonly hostNetwork?: boolean
}

/** A program of ours in a process of its own. */
export interface OwnProcess {
  readonly child: ChildProcess
  readonly stdout: LineLog
  /** Open descriptors. */
  descriptors(): number
  residentMib(): number
  end(signal: NodeJS.Signals): Promise<void>
}

/** A node agent. */
export interface NodeProcess extends OwnProcess {
  page(path: string): Promise<unknown>
  metrics(): Promise<string>
}

export const nodeName = 'node-1'

/**
 * Descriptors of a store that holds so many pods, and had `bare` when it held none: a netfilter socket, the namespace
 * and six sockets of each pod, and a connection.
 */
export function descriptorsOfStore(bare: number, pods: number): number {
  return bare + 8 * pods + 1
}

/** A node whose pods are namespaces by name, the cluster's API as far as a node agent needs it, DNS servers and an endpoint. */
export class NodeNetwork implements AsyncDisposable {
  readonly hosts = new TestNetwork()
  readonly folder = mkdtempSync(join(tmpdir(), 'meshdns-node-'))
  /** What agents find in their environment. */
  env: Readonly<Record<string, string>> = {}
  readonly #ends: (() => Promise<void>)[] = []
  readonly #servers = new Map<ServerName, ScriptedUpstream>()
  readonly #children = new Set<ChildProcess>()
  #api: FakeClusterApi | undefined
  #pods = 0

  /** With the API of a real cluster where a kubeconfig says of which. */
  static async start(sources: string, kubeconfig?: string): Promise<NodeNetwork> {
    const network = new NodeNetwork()
    try {
      await network.#start(sources, kubeconfig)
      return network
    } catch (error) {
      await network[Symbol.asyncDispose]()
      throw error
    }
  }

  get api(): FakeClusterApi {
    assert.ok(this.#api)
    return this.#api
  }

  /** Labels of a namespace. */
  putNamespace(name: string, labels: Readonly<Record<string, string>> = {}): void {
    this.api.put('namespaces', { metadata: { name, labels } })
  }

  /** A pod that runs, with a network of its own. */
  addPod(pod: TestPod): void {
    this.addNetwork(pod)
    this.putPod(pod)
  }

  /** The network alone. */
  addNetwork({ name, namespace = 'default', last, resolvConf }: TestPod): void {
    this.hosts.addHost(name, last)
    this.hosts.setResolvConf(name, resolvConf)
    const folder = join(this.folder, 'networks', `${namespace}_${name}`)
    mkdirSync(folder, { recursive: true })
    symlinkSync(`/var/run/netns/${this.hosts.namespaceOf(name)}`, join(folder, 'net'))
    symlinkSync(this.hosts.resolvConfOf(name), join(folder, 'resolv.conf'))
  }

  /** What the cluster says of a pod from now on. */
  putPod({
    name,
    namespace = 'default',
    labels = {},
    annotations = {},
    hostNetwork,
  }: TestPod): void {
    const known = this.api.store.get('pods', `${namespace}/${name}`)
    this.#pods += 1
    const uid = known?.metadata['uid'] ?? `uid-${this.#pods}`
    this.api.put('pods', {
      metadata: { name, namespace, labels, annotations, uid },
      spec: { nodeName, ...(hostNetwork ? { hostNetwork } : {}) },
      status: { phase: 'Running' },
    })
  }

  /** Takes away its network, as when the container runtime ends a pod; the cluster still knows it. */
  removeNetwork(name: string, namespace = 'default'): void {
    rmSync(join(this.folder, 'networks', `${namespace}_${name}`), { recursive: true })
    this.hosts.remove(name)
  }

  /** It answers when this returns, for the pods that were served before. */
  async startAgent(...flags: readonly string[]): Promise<NodeProcess> {
    const words = [
      '--node',
      '--node-name',
      nodeName,
      '--node-networks',
      join(this.folder, 'networks'),
      '--node-kubeconfig',
      join(this.folder, 'kubeconfig'),
      '--state-folder',
      join(this.folder, 'state'),
      '--admin-address',
      '127.0.0.1:0',
      '--admin-readiness-address',
      '127.0.0.1:0',
      ...flags,
    ]
    if (!flags.includes('--controller')) words.push('--sources', join(this.folder, 'entries'))
    const started = await this.#startProgram(['agent', ...words], /"answering"/)
    const told = JSON.parse(await started.stdout.line(/"pages are served"/)) as {
      readonly address: string
    }
    const get = (path: string) =>
      fetch(`http://${told.address}${path}`, { headers: { connection: 'close' } })
    return {
      ...started,
      page: async (path) => (await get(path)).json(),
      metrics: async () => (await get('/metrics')).text(),
    }
  }

  /** Where a store of sockets meets agents that are told so. */
  get storeFolder(): string {
    return join(this.folder, 'sockets')
  }

  async startStore(...flags: readonly string[]): Promise<OwnProcess> {
    const words = ['socket-store', '--folder', this.storeFolder, ...flags]
    return this.#startProgram(words, /"sockets are held"/)
  }

  async #startProgram(words: readonly string[], ready: RegExp): Promise<OwnProcess> {
    const child = spawn(process.execPath, [join(root, 'src/cli/main.ts'), ...words], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        PATH: process.env['PATH'],
        NODE_COMPILE_CACHE: join(root, 'node_modules/.cache/node-agent'),
        ...this.env,
      },
    })
    this.#children.add(child)
    child.once('close', () => this.#children.delete(child))
    const stdout = new LineLog(child.stdout)
    const stderr = new LineLog(child.stderr)
    await stdout.line(ready).catch((error: unknown) => {
      throw new Error(`${words[0]} did not start: ${stderr.text}`, { cause: error })
    })
    return {
      child,
      stdout,
      descriptors: () => readdirSync(`/proc/${child.pid}/fd`).length,
      residentMib: () => {
        const status = readFileSync(`/proc/${child.pid}/status`, 'utf8')
        return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1_024
      },
      async end(signal) {
        const closed = once(child, 'close')
        child.kill(signal)
        await closed
      },
    }
  }

  /** As on a node where no agent has run yet; what the API was asked is forgotten, too. */
  forget(): void {
    rmSync(join(this.folder, 'state'), { recursive: true, force: true })
    this.api.requests.splice(0)
  }

  /** What `dig +short` says in a pod, sorted, in one line. */
  async dig(pod: string, ...words: readonly string[]): Promise<string> {
    const options = ['+short', '+tries=2', '+time=30']
    return readShortDig((await this.hosts.run(pod, ['dig', ...options, ...words])).stdout)
  }

  async askedOf(name: ServerName): Promise<readonly string[]> {
    const server = this.#servers.get(name)
    assert.ok(server)
    return server.asked()
  }

  /** Names of the tables of rules in a pod. */
  async rules(pod: string): Promise<string> {
    return (await this.hosts.run(pod, ['nft', 'list', 'tables'])).stdout.trim()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const children = [...this.#children]
    const ended = children.map((child) => once(child, 'close'))
    for (const child of children) child.kill('SIGKILL')
    await Promise.all(ended)
    await this.hosts[Symbol.asyncDispose]()
    for (const end of this.#ends) await end()
    rmSync(this.folder, { recursive: true, maxRetries: 10 })
  }

  async #start(sources: string, kubeconfig: string | undefined): Promise<void> {
    if (kubeconfig === undefined) await this.#startApi()
    else copyFileSync(kubeconfig, join(this.folder, 'kubeconfig'))
    mkdirSync(join(this.folder, 'entries'))
    mkdirSync(join(this.folder, 'networks'))
    writeFileSync(join(this.folder, 'entries/mesh.yaml'), sources)
    this.hosts.addHost('ep', 80)
    const servers = (['up1', 'up2'] as const).map(async (host, at) => {
      this.hosts.addHost(host, 53 + at)
      const addresses = [addressOf(host, 4), addressOf(host, 6)]
      const ask = async (question: string) => {
        await this.hosts.run('ep', ['dig', `@${addressOf(host, 4)}`, question])
      }
      this.#servers.set(host, await ScriptedUpstream.start(this.hosts, { host, addresses }, ask))
    })
    const pages = ['page@192.0.2.80:80', 'page@[2001:db8::80]:80']
    await Promise.all([...servers, startScript(this.hosts, 'ep', ['endpoint-main', ...pages])])
  }

  async #startApi(): Promise<void> {
    const after = (end: () => Promise<void>) => void this.#ends.push(end)
    this.#api = await FakeClusterApi.start({ after: after as never }, [
      { group: '', version: 'v1', plural: 'pods' },
      { group: '', version: 'v1', plural: 'namespaces' },
      { group: 'networking.istio.io', version: 'v1', plural: 'sidecars' },
    ])
    await writeKubeconfig(this.folder, this.#api.server)
  }
}
