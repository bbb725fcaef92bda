import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { makeCertificates, writeKubeconfig } from './certificates.ts'
import { clusterPrograms, type ProgramName } from './programs.ts'
import { type ProgramOutcome, runProgram } from './run-program.ts'

/** What a cluster of the tests has besides an API server. */
export interface ClusterOptions {
  /** Controllers of Kubernetes that run: `deployment`, `replicaset`, `endpointslice`, …; none when not said. */
  readonly controllers?: readonly string[]
  /** More words for the API server. */
  readonly apiServer?: readonly string[]
}

/** Generous: a busy machine may take a minute. */
const patienceMs = 120_000

/** A cluster without nodes: etcd, the API server and, if wanted, controllers, on loopback. */
export class TestCluster implements AsyncDisposable {
  readonly kubeconfig: string
  readonly server: string
  readonly folder: string
  readonly #programs: string
  readonly #children = new Map<string, { child: ChildProcess; argv: readonly string[] }>()

  private constructor(folder: string, programs: string, kubeconfig: string, server: string) {
    this.folder = folder
    this.#programs = programs
    this.kubeconfig = kubeconfig
    this.server = server
  }

  static async start({
    controllers = [],
    apiServer = [],
  }: ClusterOptions = {}): Promise<TestCluster> {
    const programs = await clusterPrograms()
    const folder = await mkdtemp(join(tmpdir(), 'meshdns-cluster-'))
    const [etcdPort, peerPort, port] = await freePorts(3)
    const server = `https://127.0.0.1:${port}`
    await makeCertificates(folder)
    const kubeconfig = await writeKubeconfig(folder, 'admin', server)
    const cluster = new TestCluster(folder, programs, kubeconfig, server)
    try {
      const etcd = `http://127.0.0.1:${etcdPort}`
      cluster.run('etcd', etcdWords(folder, etcd, `http://127.0.0.1:${peerPort}`))
      cluster.run('kube-apiserver', [...apiServerWords(folder, etcd, port ?? 0), ...apiServer])
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

  /** What a user does with `kubectl`. */
  kubectl(words: readonly string[], input?: string): Promise<ProgramOutcome> {
    const argv = [this.#pathOf('kubectl'), '--kubeconfig', this.kubeconfig, ...words]
    const env = { HOME: this.folder }
    return runProgram(argv, input === undefined ? { env } : { env, input })
  }

  /** As `kubectl`, for what must work; gives what it printed. */
  async must(words: readonly string[], input?: string): Promise<string> {
    const { code, stdout, stderr } = await this.kubectl(words, input)
    if (code !== 0) throw new Error(`kubectl ${words.join(' ')}: ${stderr}`)
    return stdout
  }

  /** Waits until the API server says that it is ready. */
  async ready(): Promise<void> {
    const end = performance.now() + patienceMs
    for (;;) {
      const { code, stderr } = await this.kubectl(['get', '--raw', '/readyz'])
      if (code === 0) return
      if (performance.now() > end) throw new Error(`${stderr}\n${await this.log('kube-apiserver')}`)
      await setTimeout(200)
    }
  }

  /** The end of what a part said. */
  async log(name: string): Promise<string> {
    const text = await readFile(join(this.folder, `${name}.log`), 'utf8').catch(() => '')
    return text.slice(-4_000)
  }

  /** Starts one more program of the cluster; it ends with the cluster. */
  run(name: ProgramName | 'etcd', words: readonly string[]): ChildProcess {
    const argv = [name === 'etcd' ? name : this.#pathOf(name), ...words]
    const child = spawn(argv[0] ?? '', argv.slice(1), { stdio: ['ignore', 'pipe', 'pipe'] })
    const log = createWriteStream(join(this.folder, `${name}.log`), { flags: 'a' })
    child.stdout.pipe(log, { end: false })
    child.stderr.pipe(log, { end: false })
    this.#children.set(name, { child, argv: words })
    return child
  }

  /** Ends a part, at once unless another signal is named. */
  async stop(name: ProgramName | 'etcd', signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    const running = this.#children.get(name)
    if (!running || running.child.exitCode !== null || running.child.signalCode !== null) return
    const closed = once(running.child, 'close')
    running.child.kill(signal)
    await closed
  }

  /** Starts a part again that was stopped. */
  again(name: ProgramName | 'etcd'): void {
    this.run(name, this.#children.get(name)?.argv ?? [])
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const names = [...this.#children.keys()].reverse() as (ProgramName | 'etcd')[]
    for (const name of names) await this.stop(name)
    await rm(this.folder, { recursive: true, force: true, maxRetries: 10 })
  }

  #pathOf(name: ProgramName): string {
    return join(this.#programs, name)
  }
}

function etcdWords(folder: string, client: string, peer: string): readonly string[] {
  return [
    ...['--data-dir', join(folder, 'etcd'), '--unsafe-no-fsync', '--log-level', 'warn'],
    ...['--listen-client-urls', client, '--advertise-client-urls', client],
    ...['--listen-peer-urls', peer, '--initial-advertise-peer-urls', peer],
    ...['--initial-cluster', `default=${peer}`],
  ]
}

function apiServerWords(folder: string, etcd: string, port: number): readonly string[] {
  const file = (name: string) => join(folder, name)
  const flags = {
    'etcd-servers': etcd,
    'bind-address': '127.0.0.1',
    'secure-port': port,
    'tls-cert-file': file('apiserver.crt'),
    'tls-private-key-file': file('apiserver.key'),
    'client-ca-file': file('ca.crt'),
    'service-account-issuer': 'https://kubernetes.default.svc.cluster.local',
    'service-account-key-file': file('tokens.key'),
    'service-account-signing-key-file': file('tokens.key'),
    'authorization-mode': 'RBAC',
    'service-cluster-ip-range': '10.96.0.0/16,fd00:10:96::/112',
    'endpoint-reconciler-type': 'none',
    'allow-privileged': true,
    v: 1,
  }
  return Object.entries(flags).map(([name, value]) => `--${name}=${value}`)
}

function controllerWords(
  folder: string,
  kubeconfig: string,
  controllers: readonly string[],
): readonly string[] {
  const file = (name: string) => join(folder, name)
  const flags = {
    kubeconfig,
    'authentication-kubeconfig': kubeconfig,
    'authorization-kubeconfig': kubeconfig,
    controllers: controllers.join(','),
    'leader-elect': false,
    'secure-port': 0,
    'root-ca-file': file('ca.crt'),
    'service-account-private-key-file': file('tokens.key'),
  }
  return Object.entries(flags).map(([name, value]) => `--${name}=${value}`)
}

/** Ports that were free a moment ago. */
async function freePorts(count: number): Promise<readonly number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'))
  await Promise.all(servers.map((server) => once(server, 'listening')))
  const ports = servers.map((server) => (server.address() as { readonly port: number }).port)
  await Promise.all(
    servers.map(async (server) => {
      server.close()
      await once(server, 'close')
    }),
  )
  return ports
}
