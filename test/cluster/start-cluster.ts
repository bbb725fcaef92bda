import { type ChildProcess, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { ClusterClient } from '../../src/kubernetes/client/cluster-client.ts'
import { openKubeconfig } from '../../src/kubernetes/client/kubeconfig-access.ts'
import { makeCertificates, writeKubeconfig } from './certificates.ts'
import { apiServerWords, type ClusterPlace, controllerWords, etcdWords } from './cluster-words.ts'
import { freePorts } from './free-ports.ts'
import type { ProgramName } from './program-names.ts'
import { clusterPrograms, etcdProgram, existingKubeconfig } from './programs.ts'
import { type ProgramOutcome, runProgram } from './run-program.ts'

/** What a cluster of the tests has besides an API server. */
export interface ClusterOptions {
  /** Controllers of Kubernetes that run: `deployment`, `replicaset`, `endpointslice`, …; none when not said. */
  readonly controllers?: readonly string[]
  /** More words for the API server. */
  readonly apiServer?: readonly string[]
  /** Where it all runs; on this machine when not said. */
  readonly node?: ClusterNode
}

/** A network namespace that a cluster runs in. */
export interface ClusterNode {
  /** Words before those of a program that shall run in it. */
  readonly enter: readonly string[]
  /** Where pods reach the API server. */
  readonly address: string
}

interface ClusterParts {
  readonly folder: string
  readonly programs: string
  readonly kubeconfig: string
  readonly server: string
  readonly enter?: readonly string[] | undefined
}

/** Generous: a busy machine may take minutes. */
const patienceMs = 300_000

const folderPattern = /^meshdns-cluster-(\d+)-/

/** A cluster without nodes: etcd, the API server and, if wanted, controllers, on loopback. */
export class TestCluster implements AsyncDisposable {
  readonly kubeconfig: string
  readonly server: string
  readonly folder: string
  /** Words before those of a program that shall run where the cluster does. */
  readonly enter: readonly string[]
  readonly #programs: string
  readonly #namespaces: string[] = []
  /** By name, in the order of their first starts; all that were started, with the words of the last. */
  readonly #children = new Map<string, { all: readonly ChildProcess[]; argv: readonly string[] }>()

  private constructor(parts: ClusterParts) {
    this.folder = parts.folder
    this.kubeconfig = parts.kubeconfig
    this.server = parts.server
    this.#programs = parts.programs
    this.enter = parts.enter ?? []
  }

  static async start({
    controllers = [],
    apiServer = [],
    node,
  }: ClusterOptions = {}): Promise<TestCluster> {
    const programs = await clusterPrograms()
    const existing = existingKubeconfig()
    if (existing !== undefined) return TestCluster.#attach(programs, existing)
    await removeLeftovers()
    const folder = await mkdtemp(join(tmpdir(), `meshdns-cluster-${process.pid}-`))
    const [etcdPort, peerPort, port = 0] = await freePorts(3)
    const server = `https://127.0.0.1:${port}`
    await makeCertificates(folder)
    const kubeconfig = await writeKubeconfig(folder, 'admin', server)
    const cluster = new TestCluster({ folder, programs, kubeconfig, server, enter: node?.enter })
    try {
      const place: ClusterPlace = {
        folder,
        etcd: { client: `http://127.0.0.1:${etcdPort}`, peer: `http://127.0.0.1:${peerPort}` },
        port,
        ...(node ? { nodeAddress: node.address } : {}),
      }
      cluster.run('etcd', etcdWords(place))
      cluster.run('kube-apiserver', [...apiServerWords(place), ...apiServer])
      await cluster.ready()
      if (controllers.length > 0) {
        const own = await writeKubeconfig(folder, 'controller-manager', server)
        cluster.run('kube-controller-manager', controllerWords(folder, own, controllers))
      }
      return cluster
    } catch (error) {
      await cluster[Symbol.asyncDispose]()
      throw error
    }
  }

  /** A cluster that is there already, and stays. */
  static async #attach(programs: string, kubeconfig: string): Promise<TestCluster> {
    const folder = await mkdtemp(join(tmpdir(), `meshdns-cluster-${process.pid}-`))
    const cluster = new TestCluster({ folder, programs, kubeconfig, server: '' })
    const query = ['config', 'view', '--minify', '-o', 'jsonpath={.clusters[0].cluster.server}']
    const server = await cluster.must(query)
    return new TestCluster({ folder, programs, kubeconfig, server })
  }

  /** Makes a namespace that no other test has; it ends with the cluster. */
  async createNamespace(prefix = 'meshdns-test'): Promise<string> {
    const name = `${prefix}-${randomBytes(4).toString('hex')}`
    await this.must(['create', 'namespace', name])
    this.#namespaces.push(name)
    return name
  }

  /** What a user does with `kubectl`. */
  kubectl(words: readonly string[], input?: string): Promise<ProgramOutcome> {
    // By itself it gives up on lists of kinds and schemas after half a minute.
    const own = [this.#pathOf('kubectl'), '--kubeconfig', this.kubeconfig, '--request-timeout=600s']
    const argv = [...this.enter, ...own, ...words]
    const env = { HOME: this.folder }
    return runProgram(argv, input === undefined ? { env } : { env, input })
  }

  /** As `kubectl`, for what must work; gives what it printed. */
  async must(words: readonly string[], input?: string): Promise<string> {
    const { code, stdout, stderr } = await this.kubectl(words, input)
    if (code !== 0) throw new Error(`kubectl ${words.join(' ')}: ${stderr}`)
    return stdout
  }

  /** What a user applies, as one list. */
  async apply(...items: readonly unknown[]): Promise<void> {
    const list = { apiVersion: 'v1', kind: 'List', items }
    await this.must(['apply', '-f', '-'], JSON.stringify(list))
  }

  /** A client of ours; as whoever may do everything, unless another kubeconfig says otherwise. */
  connect(kubeconfig = this.kubeconfig): ClusterClient {
    return new ClusterClient(openKubeconfig({ kubeconfig, context: '' }))
  }

  /**
   * Waits until the API server says that it is ready, and has made the first namespace. It ends itself when it has
   * not made its roles within 30 seconds; whoever runs one starts it again.
   */
  async ready(): Promise<void> {
    const end = performance.now() + patienceMs
    for (const path of ['/readyz', '/api/v1/namespaces/default']) {
      for (;;) {
        const { code, stderr } = await this.kubectl(['get', '--raw', path])
        if (code === 0) break
        const server = this.#children.get('kube-apiserver')?.all ?? []
        if (performance.now() > end) {
          const logs = [await this.log('etcd'), await this.log('kube-apiserver')]
          throw new Error([stderr, ...logs].join('\n'))
        }
        if (server.length > 0 && !server.some(isAlive)) this.again('kube-apiserver')
        await setTimeout(200)
      }
    }
  }

  /** The end of what a part said. */
  async log(name: string): Promise<string> {
    const text = await readFile(join(this.folder, `${name}.log`), 'utf8').catch(() => '')
    return text.slice(-4_000)
  }

  /** Starts one more program of the cluster; it ends with the cluster, and with this process, too. */
  run(name: ProgramName | 'etcd', words: readonly string[]): ChildProcess {
    const program = name === 'etcd' ? etcdProgram() : this.#pathOf(name)
    const argv = [...this.enter, 'setpriv', '--pdeathsig', 'KILL', program, ...words]
    const child = spawn(argv[0] ?? '', argv.slice(1), { stdio: ['ignore', 'pipe', 'pipe'] })
    const log = createWriteStream(join(this.folder, `${name}.log`), { flags: 'a' })
    child.stdout.pipe(log, { end: false })
    child.stderr.pipe(log, { end: false })
    child.once('close', () => log.end())
    const others = this.#children.get(name)?.all.filter(isAlive) ?? []
    this.#children.set(name, { all: [...others, child], argv: words })
    return child
  }

  /** Ends all that were started of a part, at once unless another signal is named. */
  async stop(name: ProgramName | 'etcd', signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    const running = this.#children.get(name)?.all.filter(isAlive) ?? []
    await Promise.all(
      running.map(async (child) => {
        const closed = once(child, 'close')
        child.kill(signal)
        await closed
      }),
    )
  }

  /** Starts a part again that was stopped. */
  again(name: ProgramName | 'etcd'): void {
    this.run(name, this.#children.get(name)?.argv ?? [])
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (existingKubeconfig() !== undefined && this.#namespaces.length > 0) {
      await this.kubectl(['delete', 'namespace', '--wait=false', ...this.#namespaces])
    }
    const names = [...this.#children.keys()].reverse() as (ProgramName | 'etcd')[]
    for (const name of names) await this.stop(name)
    await rm(this.folder, { recursive: true, force: true, maxRetries: 10 })
  }

  #pathOf(name: ProgramName): string {
    return join(this.#programs, name)
  }
}

function isAlive({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode === null && signalCode === null
}

/** Takes away the folders of test processes that were killed; their programs ended with them. */
async function removeLeftovers(): Promise<void> {
  for (const name of await readdir(tmpdir())) {
    const [, pid] = folderPattern.exec(name) ?? []
    if (pid === undefined || isRunning(Number(pid))) continue
    await rm(join(tmpdir(), name), { recursive: true, force: true }).catch(() => {})
  }
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
