import assert from 'node:assert/strict'
import {
  chmodSync,
  chownSync,
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import type { IpFamily } from '../../src/ip/address.ts'
import { readShortDig } from '../../src/testing/dig-reply.ts'
import { type HostProcess, type Outcome, TestNetwork } from '../../src/testing/test-network.ts'
import { root } from '../architecture/tree.ts'
import { meshEntries } from './mesh-entries.ts'
import { ScriptedUpstream, startScript } from './scripted.ts'

/** DNS servers, hosts of their own: by name the last part of their addresses. */
const lastParts = { up1: 53, up2: 54, elsewhere: 99 } as const
export type ServerName = keyof typeof lastParts

/** Whom the agent becomes, as no user `meshdns` exists. */
export const agentUid = 1337

/** Where the agent sees the checkout, which may be below a folder that is closed to its user. */
const seenRoot = '/srv'

export interface MeshNetworkOptions {
  /** Of the application's host. */
  readonly families?: readonly IpFamily[]
  /** The first one is what the application's resolv.conf names. */
  readonly servers?: readonly ServerName[]
}

/** An application's host `app`, DNS servers, and a host `ep` with the endpoints of the mesh. */
export class MeshNetwork implements AsyncDisposable {
  readonly hosts = new TestNetwork()
  readonly #folder = mkdtempSync(join(tmpdir(), 'meshdns-network-'))
  readonly #servers = new Map<ServerName, ScriptedUpstream>()

  /** Everything runs when this returns, but for the agent. */
  static async start(options: MeshNetworkOptions = {}): Promise<MeshNetwork> {
    const network = new MeshNetwork()
    try {
      await network.#start(options)
      return network
    } catch (error) {
      await network[Symbol.asyncDispose]()
      throw error
    }
  }

  /** The folder of entries that the agent follows. */
  get entries(): string {
    return join(this.#folder, 'entries')
  }

  /** Puts a whole file in place at once, as careful programs do: half of one may be good, too. */
  writeEntries(file: string, text: string): void {
    const path = join(this.entries, file)
    writeFileSync(`${path}.new`, text)
    renameSync(`${path}.new`, path)
  }

  removeEntries(file: string): void {
    rmSync(join(this.entries, file))
  }

  /** A file that every host may read. */
  writeFile(file: string, text: string): string {
    const path = join(this.#folder, file)
    writeFileSync(path, text)
    return path
  }

  /**
   * Starts the agent as the service of a machine would be started by root, with capture on; it
   * answers when this returns.
   */
  async startAgent(
    options: Readonly<Record<string, unknown>> = {},
    flags: readonly string[] = [],
  ): Promise<HostProcess> {
    const agent = this.beginAgent(options, flags)
    await agent.stdout.line(/"answering"/).catch(async (error: unknown) => {
      assert.fail(`${String(error)}\n${agent.stderr.text}\nended: ${await agent.ended}`)
    })
    return agent
  }

  /** Starts the agent, and does not wait for it. */
  beginAgent(
    options: Readonly<Record<string, unknown>> = {},
    flags: readonly string[] = [],
  ): HostProcess {
    const defaults = {
      sources: [this.entries],
      stateFolder: join(this.#folder, 'state'),
      resolvConf: this.hosts.resolvConfOf('app'),
      captureEnabled: true,
    }
    const file = this.writeFile('agent.yaml', JSON.stringify({ ...defaults, ...options }))
    const words = ['sh', '-euc', `${showCheckout}; exec "$@"`, 'sh', ...programInHost()]
    return this.hosts.start('app', [...words, 'agent', '--config', file, ...flags], {
      NODE_COMPILE_CACHE: compileCache(agentUid),
    })
  }

  /**
   * Starts dnsmasq on the application's host, as machines have systemd-resolved; it answers on `address`,
   * port 53, when this returns, and asks only `servers`.
   */
  async startStub(address: string, servers: readonly string[]): Promise<HostProcess> {
    const words = 'dnsmasq --keep-in-foreground --conf-file=/dev/null --no-resolv --no-hosts'.split(
      ' ',
    )
    const place = ['--bind-interfaces', '--except-interface=none', `--listen-address=${address}`]
    const more = ['--cache-size=0', '--user=nobody', '--pid-file=', '--log-facility=-']
    const list = servers.map((server) => `--server=${server}`)
    const stub = this.hosts.start('app', [...words, ...place, ...more, ...list])
    await stub.stderr.line(/started/)
    return stub
  }

  /** Runs a program of the application's host. */
  run(...argv: readonly string[]): Promise<Outcome> {
    return this.hosts.run('app', argv)
  }

  /**
   * What `dig +short` says to the application, sorted, in one line.
   *
   * Several at one time may by chance use the same port, and lose an answer to each other: each tries
   * again, unless told otherwise.
   */
  async dig(...words: readonly string[]): Promise<string> {
    return readShortDig((await this.run('dig', '+short', '+tries=6', '+time=5', ...words)).stdout)
  }

  /** Returns when such a question, `NAME TYPE transport`, has reached the server. */
  async seenBy(name: ServerName, pattern: RegExp): Promise<void> {
    await this.#server(name).seen(pattern)
  }

  /** `NAME TYPE transport` of every question that reached the server since it was asked last. */
  async askedOf(name: ServerName): Promise<readonly string[]> {
    return this.#server(name).asked()
  }

  /** Asks the server from a host where nothing is caught. */
  async askDirectly(name: ServerName, question: string): Promise<void> {
    const { code } = await this.hosts.run('ep', ['dig', `@${addressOf(name, 4)}`, question])
    assert.equal(code, 0)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.hosts[Symbol.asyncDispose]()
    rmSync(this.#folder, { recursive: true, maxRetries: 10 })
  }

  #server(name: ServerName): ScriptedUpstream {
    const server = this.#servers.get(name)
    assert.ok(server)
    return server
  }

  async #start({ families = [4, 6], servers = ['up1'] }: MeshNetworkOptions): Promise<void> {
    chmodSync(this.#folder, 0o755)
    mkdirSync(this.entries)
    this.writeEntries('mesh.yaml', meshEntries)
    this.hosts.addHost('app', 10, families)
    const [first = 'up1'] = servers
    const list = families.map((family) => `nameserver ${addressOf(first, family)}\n`)
    this.hosts.setResolvConf('app', list.join(''))
    const started = servers.map(async (name) => {
      this.hosts.addHost(name, lastParts[name])
      const addresses = [addressOf(name, 4), addressOf(name, 6)]
      const ask = (question: string) => this.askDirectly(name, question)
      const server = await ScriptedUpstream.start(this.hosts, { host: name, addresses }, ask)
      this.#servers.set(name, server)
    })
    this.hosts.addHost('ep', 80)
    const pages = ['page@192.0.2.80:80', 'page@[2001:db8::80]:80', 'other-page@192.0.2.80:8080']
    const greeters = ['tcp-one@192.0.2.80:6001', 'tcp-two@192.0.2.80:6002']
    const endpoints = startScript(this.hosts, 'ep', ['endpoint-main', ...pages, ...greeters])
    await Promise.all([...started, endpoints])
  }
}

export function addressOf(name: ServerName, family: IpFamily): string {
  return `${family === 4 ? '192.0.2.' : '2001:db8::'}${lastParts[name]}`
}

/** A folder, as hosts see it, where a user may keep compiled code: programs are started many times. */
export function compileCache(uid: number): string {
  const folder = join(root, `node_modules/.cache/network-tests-${uid}`)
  mkdirSync(folder, { recursive: true })
  chownSync(folder, uid, uid)
  return join(seenRoot, relative(root, folder))
}

/** Words for `sh` that show the checkout to a host at a place that every user may read. */
export const showCheckout = `mount --bind '${root}' ${seenRoot}`

/** How hosts that see the checkout start the program. */
export function programInHost(): readonly string[] {
  const inside = relative(root, process.execPath)
  const node = inside.startsWith('..') ? process.execPath : join(seenRoot, inside)
  return [node, join(seenRoot, 'src/cli/main.ts')]
}
