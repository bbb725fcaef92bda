import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import type { IpFamily } from '../ip/address.ts'
import { LineLog } from './line-log.ts'

export interface Outcome {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

/** A program in a host of the network; what it says is kept by lines. */
export interface HostProcess {
  readonly child: ChildProcess
  readonly stdout: LineLog
  readonly stderr: LineLog
  /** Exit code, or the signal that ended it; when everything that it said is here. */
  readonly ended: Promise<number | NodeJS.Signals>
}

/** Everything that is named so is ours, and its process is in the name. */
const namePattern = /^mdt(\d+)x/
const configFolder = '/etc/netns'
let networks = 0

/** Hosts of network namespaces on one switch, 192.0.2.0/24 and 2001:db8::/64; nothing leaves them. */
export class TestNetwork implements AsyncDisposable {
  readonly #prefix = `mdt${process.pid}x${networks++}`
  readonly #hosts: string[] = []
  readonly #processes = new Set<HostProcess>()

  constructor() {
    removeLeftovers()
    this.#addNamespace('switch', ['link add br0 type bridge', 'link set br0 up'])
  }

  /** Adds a host; `last` is the last part of its addresses, of both families unless told otherwise. */
  addHost(name: string, last: number, families: readonly IpFamily[] = [4, 6]): void {
    const port = `p${this.#hosts.length}`
    const namespace = this.#namespace(name)
    this.#addNamespace(name, ['link set lo up'])
    this.#ip('switch', [
      `link add ${port} type veth peer name eth0 netns ${namespace}`,
      `link set ${port} master br0 up`,
    ])
    this.#ip(name, [
      'link set eth0 up',
      ...(families.includes(4) ? [`address add 192.0.2.${last}/24 dev eth0`] : []),
      ...(families.includes(4) ? ['route add default dev eth0'] : []),
      ...(families.includes(6) ? [`address add 2001:db8::${last}/64 dev eth0 nodad`] : []),
      ...(families.includes(6) ? ['route add ::/0 dev eth0'] : []),
    ])
  }

  /** Gives a host one more address, ADDRESS/LENGTH. */
  addAddress(name: string, address: string): void {
    this.#ip(name, [`address add ${address} dev eth0`])
  }

  /** Adds a namespace that is not on the switch; `batch` are lines of ip(8) in it. */
  addGuest(name: string, batch: readonly string[] = []): void {
    this.#addNamespace(name, ['link set lo up', ...batch])
  }

  /** Takes a host away, and ends what runs there. */
  remove(name: string): void {
    removeNamespace(this.#namespace(name))
    this.#hosts.splice(this.#hosts.indexOf(name), 1)
  }

  /** Runs lines of ip(8) in the host. */
  configure(name: string, batch: readonly string[]): void {
    this.#ip(name, batch)
  }

  /** The host's namespace as ip(8) knows it. */
  namespaceOf(name: string): string {
    return this.#namespace(name)
  }

  /** Where programs of the host find what they know as /etc/resolv.conf when they start. */
  resolvConfOf(name: string): string {
    return `${configFolder}/${this.#namespace(name)}/resolv.conf`
  }

  setResolvConf(name: string, text: string, how: 'in place' | 'by rename' = 'in place'): void {
    const file = this.resolvConfOf(name)
    mkdirSync(`${configFolder}/${this.#namespace(name)}`, { recursive: true })
    if (how === 'in place') return writeFileSync(file, text)
    writeFileSync(`${file}.new`, text)
    renameSync(`${file}.new`, file)
  }

  /** Runs a program in the host to its end, five minutes at most. */
  async run(name: string, argv: readonly string[]): Promise<Outcome> {
    const { ended, stdout, stderr } = this.start(name, ['timeout', '300', ...argv])
    const code = await ended
    return { code: Number(code), stdout: stdout.text, stderr: stderr.text }
  }

  /** Starts a program in the host; it becomes the very process that is returned. */
  start(name: string, argv: readonly string[], env: NodeJS.ProcessEnv = {}): HostProcess {
    const child = spawn('ip', ['netns', 'exec', this.#namespace(name), ...argv], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { PATH: process.env['PATH'], ...env },
    })
    const ended = once(child, 'close').then(([code, signal]) => code ?? signal)
    const stdout = new LineLog(child.stdout)
    const started = { child, stdout, stderr: new LineLog(child.stderr), ended }
    this.#processes.add(started)
    const forget = () => this.#processes.delete(started)
    ended.then(forget, forget)
    return started
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const processes = [...this.#processes]
    for (const { child } of processes) child.kill('SIGKILL')
    // Ends what they have started, too, which may still hold what they write to.
    for (const name of this.#hosts) removeNamespace(this.#namespace(name))
    await Promise.allSettled(processes.map(({ ended }) => ended))
  }

  #addNamespace(name: string, batch: readonly string[]): void {
    execFileSync('ip', ['netns', 'add', this.#namespace(name)])
    this.#hosts.push(name)
    this.#ip(name, batch)
  }

  #namespace(name: string): string {
    return `${this.#prefix}${name}`
  }

  /** Runs lines of ip(8) in the host's namespace. */
  #ip(name: string, batch: readonly string[]): void {
    execFileSync('ip', ['-n', this.#namespace(name), '-batch', '-'], {
      input: `${batch.join('\n')}\n`,
      stdio: ['pipe', 'ignore', 'inherit'],
    })
  }
}

/** Takes away what test processes that were killed have left. */
function removeLeftovers(): void {
  const listed = execFileSync('ip', ['netns', 'list'], { encoding: 'utf8' })
  for (const [name = ''] of listed.matchAll(/^\S+/gm)) {
    const [, pid] = namePattern.exec(name) ?? []
    if (pid !== undefined && !kill(Number(pid), 0)) removeNamespace(name)
  }
}

/** Ends what still runs there, too. Another test process may be doing the same. */
function removeNamespace(name: string): void {
  const { stdout } = spawnSync('ip', ['netns', 'pids', name], { encoding: 'utf8' })
  for (const pid of stdout.split('\n').filter((line) => line !== '')) kill(Number(pid), 'SIGKILL')
  spawnSync('ip', ['netns', 'delete', name])
  rmSync(`${configFolder}/${name}`, { recursive: true, force: true })
  // Only when it is empty: it may have been there before.
  spawnSync('rmdir', [configFolder])
}

/** Whether there was such a process. */
function kill(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(pid, signal)
  } catch {
    return false
  }
}
