import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { NetworkProcess, Outcome } from '../../src/testing/private-network.ts'
import { PrivateNetwork } from '../../src/testing/private-network.ts'
import { root } from '../architecture/tree.ts'
import { MeshShell } from './mesh-shell.ts'

/** KIND NAME WHERE of everything that connections can reach, as `run-endpoints-main.ts` takes it. */
const behind = [
  'http web 198.51.100.11:8080',
  'http plain 198.51.100.12:80',
  'http six [2001:db8:1::13]:80',
  'http wild 198.51.100.14:80',
  'postgres orders 198.51.100.21:5432',
  'postgres payments 198.51.100.22:5433',
  'tcp echo 198.51.100.31:7000',
  // What the scripted upstream says of endpoint.up.test, and of any other name.
  'http named 192.0.2.80:80',
  'http named [2001:db8::80]:80',
  'http outside 203.0.113.4:80',
]

const upstreamAddress = '198.51.100.53'

/** Addresses without their ports, each once. */
const addresses = [
  upstreamAddress,
  ...behind.map((line) => line.replace(/^.* \[?/, '').replace(/\]?:\d+$/, '')),
]

export const searchDomains = ['ns1.svc.cluster.local', 'svc.cluster.local', 'cluster.local']

export interface RunHostOptions {
  /** Whom everything belongs to, in place of the caller. */
  readonly account?: number
}

/** Who runs a command on the host: its root, or an ordinary user. */
export type User = 'root' | 'user'

/**
 * A machine with a network of its own, on which somebody types `meshdns run`: its resolv.conf names a
 * scripted upstream, and everything that the entries lead to is there. Nothing on it is a real network.
 */
export class RunHost implements AsyncDisposable {
  readonly network: PrivateNetwork
  readonly upstream: NetworkProcess
  readonly folder: string

  private constructor(network: PrivateNetwork, upstream: NetworkProcess, folder: string) {
    this.network = network
    this.upstream = upstream
    this.folder = folder
  }

  static async start({ account }: RunHostOptions = {}): Promise<RunHost> {
    const folder = mkdtempSync(join(tmpdir(), 'meshdns-run-'))
    chmodSync(folder, 0o777)
    const resolvConf = join(folder, 'resolv.conf')
    writeFileSync(
      resolvConf,
      `nameserver ${upstreamAddress}\nsearch ${searchDomains.join(' ')}\noptions ndots:5\n`,
    )
    const entries = readFileSync(new URL('entries.yaml', import.meta.url), 'utf8')
    writeFileSync(join(folder, 'entries.yaml'), entries.replace('FOLDER', folder))
    const network = await PrivateNetwork.open({
      resolvConf,
      addresses: addresses.map((one) => `${one}/${one.includes(':') ? 128 : 32}`),
      outside: ['192.0.2.1/32', '2001:db8:ffff::1/128'],
      ...(account === undefined ? {} : { account }),
    })
    const start = async (name: string, words: readonly string[]) => {
      const program = fileURLToPath(new URL(`../../src/testing/${name}`, import.meta.url))
      const started = network.start([process.execPath, program, ...words])
      await started.stdout.line(/^ready$/)
      started.stdout.clear()
      return started
    }
    const services = [...behind, `http socket ${folder}/endpoint.socket`].flatMap((line) =>
      line.split(' '),
    )
    await start('run-endpoints-main.ts', services)
    const upstream = await start('upstream-main.ts', ['U1', '53', upstreamAddress])
    return new RunHost(network, upstream, folder)
  }

  /** Words of `meshdns run` with the host's entries, before the command. */
  meshdnsRun(user: User = 'root'): readonly string[] {
    const become = user === 'root' ? [] : ['unshare', '-U', '--map-user=1000', '--map-group=1000']
    return [...become, join(root, 'meshdns'), 'run', '-f', join(this.folder, 'entries.yaml'), '--']
  }

  /** Runs one command in the mesh. */
  run(command: readonly string[], input = ''): Promise<Outcome> {
    return this.network.run([...this.meshdnsRun(), ...command], input)
  }

  /** A shell in the mesh; it ends with the host. */
  openShell(user: User): MeshShell {
    return new MeshShell(this.network.start([...this.meshdnsRun(user), 'sh']), this.folder)
  }

  /** `NAME TYPE TRANSPORT` of every question that left the host. */
  asked(): readonly string[] {
    return this.upstream.stdout.lines
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.network[Symbol.asyncDispose]()
    rmSync(this.folder, { recursive: true, force: true })
  }
}
