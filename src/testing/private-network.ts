import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { LineLog } from './line-log.ts'

/** A program in the network; its output is kept by lines. */
export interface NetworkProcess {
  readonly child: ChildProcess
  readonly stdout: LineLog
  readonly stderr: LineLog
}

export interface Outcome {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

export interface PrivateNetworkOptions {
  /** What programs in it find as /etc/resolv.conf; without it, the machine's. */
  readonly resolvConf?: string
  /** Addresses on loopback besides 127.0.0.0/8 and ::1. */
  readonly addresses?: readonly string[]
  /** ADDRESS/LENGTH of `eth0`, which leads nowhere but is the way to everything; without it there is none. */
  readonly outside?: readonly string[]
  /** User and group number that everything belongs to; root can say so, and without it is the caller. */
  readonly account?: number
}

interface Account {
  readonly uid?: number
  readonly gid?: number
}

/** Far beyond what a program takes that is asked one thing. */
const patienceMs = 120_000

function linkSteps(outside: readonly string[]): readonly string[] {
  const links = ['eth0', 'eth1'].map((link) => `ip link set ${link} up`)
  const families = new Set(outside.map((address) => (address.includes(':') ? '-6' : '-4')))
  return [
    'ip link add eth0 type veth peer name eth1',
    ...links,
    ...outside.map(
      (address) => `ip address add ${address} dev eth0${address.includes(':') ? ' nodad' : ''}`,
    ),
    ...[...families].map((family) => `ip ${family} route add default dev eth0`),
  ]
}

/** Why private networks cannot be had here; `false` when they can. */
export function privateNetworksSkip(): string | false {
  const { status } = spawnSync('unshare', ['-Urnm', 'ip', 'link', 'set', 'lo', 'up'])
  return status === 0 ? false : 'needs user and network namespaces (unshare -Urnm)'
}

/**
 * A network with nothing in it but loopback, for programs that shall not meet those of other tests:
 * every port is free, port 53 too. Needs no root.
 */
export class PrivateNetwork implements AsyncDisposable {
  readonly #holder: ChildProcess
  readonly #children = new Set<ChildProcess>()
  readonly #account: Account

  private constructor(holder: ChildProcess, account: Account) {
    this.#holder = holder
    this.#account = account
  }

  static async open(options: PrivateNetworkOptions = {}): Promise<PrivateNetwork> {
    const { resolvConf, addresses = [], outside = [], account: id } = options
    const account = id === undefined ? {} : { uid: id, gid: id }
    const steps = [
      'ip link set lo up',
      ...(outside.length > 0 ? linkSteps(outside) : []),
      ...addresses.map((address) => `ip address add ${address} dev lo`),
      ...(resolvConf === undefined ? [] : [`mount --bind '${resolvConf}' /etc/resolv.conf`]),
      'echo ready',
      // Ends with the test, whose end of the pipe closes.
      'exec cat',
    ]
    const holder = spawn('unshare', ['-Urnm', 'sh', '-ec', steps.join('\n')], {
      stdio: ['pipe', 'pipe', 'inherit'],
      ...account,
    })
    await new LineLog(holder.stdout).line(/^ready$/)
    return new PrivateNetwork(holder, account)
  }

  /** Starts a program inside; it has the process ID of `child`. */
  start(argv: readonly string[], env: NodeJS.ProcessEnv = {}): NetworkProcess {
    const words = [
      '-U',
      '-n',
      '-m',
      '--preserve-credentials',
      '-t',
      `${this.#holder.pid}`,
      '--wd=.',
    ]
    const child = spawn('nsenter', [...words, ...argv], {
      stdio: ['pipe', 'pipe', 'pipe'],
      env: { PATH: process.env['PATH'], ...env },
      ...this.#account,
    })
    this.#children.add(child)
    child.once('close', () => this.#children.delete(child))
    return { child, stdout: new LineLog(child.stdout), stderr: new LineLog(child.stderr) }
  }

  /** Runs a program inside to its end. */
  async run(argv: readonly string[], input = ''): Promise<Outcome> {
    const { child, stdout, stderr } = this.start(argv)
    // A program that reads nothing may have ended before.
    child.stdin?.on('error', () => {}).end(input)
    const timer = setTimeout(() => child.kill('SIGKILL'), patienceMs)
    const [code] = (await once(child, 'close')) as [number | null]
    clearTimeout(timer)
    return { code: code ?? -1, stdout: stdout.text, stderr: stderr.text }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const ends = [...this.#children].map((child) => once(child, 'close'))
    for (const child of this.#children) child.kill('SIGKILL')
    await Promise.all(ends)
    this.#holder.stdin?.end()
    await once(this.#holder, 'close')
  }
}
