import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { LineLog } from './line-log.ts'

/** Why network tests cannot run here; `undefined` when they can. Say it when skipping. */
export function networkTestsSkip(): string | false {
  if (process.platform !== 'linux') return 'needs Linux'
  if (process.getuid?.() !== 0) return 'needs root (network namespaces with real users)'
  for (const [program, ...words] of [
    ['ip', '-V'],
    ['nft', '-v'],
    ['dig', '-v'],
    ['curl', '-V'],
  ]) {
    try {
      execFileSync(program ?? '', words, { stdio: 'ignore' })
    } catch {
      return `needs ${program}`
    }
  }
  return false
}

export interface Outcome {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

/** A program in a host of the network; its standard output is kept by lines. */
export interface HostProcess {
  readonly child: ChildProcess
  readonly stdout: LineLog
  readonly stderr: LineLog
}

/** Hosts of network namespaces on one switch, 192.0.2.0/24 and 2001:db8::/64; nothing leaves them. */
export class TestNetwork implements AsyncDisposable {
  readonly #prefix = `mdt${process.pid}`
  readonly #hosts: string[] = []
  readonly #processes = new Set<ChildProcess>()

  constructor() {
    ip('netns', 'add', this.#namespace('switch'))
    this.#hosts.push('switch')
    this.#ip('switch', 'link', 'add', 'br0', 'type', 'bridge')
    this.#ip('switch', 'link', 'set', 'br0', 'up')
  }

  /** Adds a host; `last` is the last part of its addresses; without IPv4 or IPv6 on request. */
  addHost(
    name: string,
    last: number,
    options: { readonly families?: readonly (4 | 6)[] } = {},
  ): void {
    const namespace = this.#namespace(name)
    const { families = [4, 6] } = options
    ip('netns', 'add', namespace)
    this.#hosts.push(name)
    const port = `p${this.#hosts.length}`
    this.#ip(
      'switch',
      'link',
      'add',
      port,
      'type',
      'veth',
      'peer',
      'name',
      'eth0',
      'netns',
      namespace,
    )
    this.#ip('switch', 'link', 'set', port, 'master', 'br0', 'up')
    this.#ip(name, 'link', 'set', 'lo', 'up')
    this.#ip(name, 'link', 'set', 'eth0', 'up')
    if (families.includes(4)) this.addAddress(name, `192.0.2.${last}/24`)
    if (families.includes(6)) this.addAddress(name, `2001:db8::${last}/64`)
    if (families.includes(4)) this.#ip(name, 'route', 'add', 'default', 'dev', 'eth0')
    if (families.includes(6)) this.#ip(name, '-6', 'route', 'add', 'default', 'dev', 'eth0')
  }

  addAddress(name: string, prefix: string): void {
    const nodad = prefix.includes(':') ? ['nodad'] : []
    this.#ip(name, 'address', 'add', prefix, 'dev', 'eth0', ...nodad)
  }

  /** What programs of the host find in /etc/resolv.conf. */
  setResolvConf(name: string, text: string): void {
    const folder = `/etc/netns/${this.#namespace(name)}`
    mkdirSync(folder, { recursive: true })
    writeFileSync(`${folder}/resolv.conf`, text)
  }

  /** Runs a program in the host to its end, 30 seconds at most. */
  run(name: string, argv: readonly string[]): Promise<Outcome> {
    const { promise, resolve } = Promise.withResolvers<Outcome>()
    const { child, stdout, stderr } = this.start(name, ['timeout', '30', ...argv])
    child.on('close', (code, signal) =>
      resolve({ code: code ?? (signal ? 128 : 0), stdout: stdout.text, stderr: stderr.text }),
    )
    return promise
  }

  start(name: string, argv: readonly string[], env: NodeJS.ProcessEnv = {}): HostProcess {
    const words = ['netns', 'exec', this.#namespace(name), ...argv]
    const child = spawn('ip', words, {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { PATH: process.env['PATH'], ...env },
    })
    this.#processes.add(child)
    child.on('close', () => this.#processes.delete(child))
    return { child, stdout: new LineLog(child.stdout), stderr: new LineLog(child.stderr) }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const child of this.#processes) child.kill('SIGKILL')
    for (const name of this.#hosts) {
      ip('netns', 'delete', this.#namespace(name))
      rmSync(`/etc/netns/${this.#namespace(name)}`, { recursive: true, force: true })
    }
  }

  #namespace(name: string): string {
    return `${this.#prefix}${name}`
  }

  #ip(name: string, ...words: readonly string[]): void {
    ip('-n', this.#namespace(name), ...words)
  }
}

function ip(...words: readonly string[]): void {
  execFileSync('ip', words, { stdio: ['ignore', 'ignore', 'inherit'] })
}
