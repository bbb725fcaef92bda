import assert from 'node:assert/strict'
import { type InstalledUnit, readInstalledUnit } from '../../src/install/installed-unit.ts'
import { readMetrics } from '../../src/testing/agent-process.ts'
import { readShortDig } from '../../src/testing/dig-reply.ts'
import type { HostProcess, Outcome, TestNetwork } from '../../src/testing/test-network.ts'
import { showCheckout } from '../network/mesh-network.ts'
import { MachineRoot, machineProgram, ownFolders } from './machine-root.ts'

/** What services have (systemd.exec(5)). */
const systemPath = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'

/** A host of the network whose programs see a root of their own. */
export class MachineHost {
  readonly name: string
  readonly root: MachineRoot
  readonly #network: TestNetwork

  constructor(network: TestNetwork, name: string, folder: string) {
    this.#network = network
    this.name = name
    this.root = new MachineRoot(folder)
  }

  /** Starts a program that sees the machine's root; it becomes the very process that is returned. */
  start(argv: readonly string[], env: NodeJS.ProcessEnv = {}): HostProcess {
    return this.#network.start(this.name, [...this.#inside(), ...argv], env)
  }

  /** Runs a program that sees the machine's root to its end. */
  run(...argv: readonly string[]): Promise<Outcome> {
    return this.#network.run(this.name, [...this.#inside(), ...argv])
  }

  /** Runs `meshdns` as root of the machine; what it printed. */
  async meshdns(...words: readonly string[]): Promise<string> {
    const { code, stdout, stderr } = await this.run(machineProgram, ...words)
    assert.equal(code, 0, `meshdns ${words.join(' ')}: ${stderr}${stdout}`)
    return stdout
  }

  /** Runs an installer that writes the machine's image, then boots it; `$0` in the script is the program. */
  async install(script: string): Promise<void> {
    const { path } = this.root
    const steps = `${showCheckout}; ${script} --root '${path}' --program ${machineProgram}`
    const argv = ['sh', '-euc', steps, this.root.file(machineProgram)]
    const { code, stdout, stderr } = await this.#network.run(this.name, argv)
    assert.equal(code, 0, `${stderr}${stdout}`)
    this.root.boot()
  }

  /** What `dig +short` says to the machine's applications, sorted, in one line. */
  async dig(...words: readonly string[]): Promise<string> {
    return readShortDig((await this.run('dig', '+short', '+tries=6', '+time=5', ...words)).stdout)
  }

  /** Sets a rule of the machine's own firewall. */
  async filter(name: string, hook: 'input' | 'output', rule: string): Promise<void> {
    const chain = `chain only { type filter hook ${hook} priority -300; ${rule}; };`
    await this.#nft(`table inet ${name} { ${chain} }`)
  }

  async removeFilter(name: string): Promise<void> {
    await this.#nft(`delete table inet ${name}`)
  }

  /** A page of a program that serves pages on the machine's loopback. */
  async page(port: number, path: string): Promise<string> {
    return (await this.run('curl', '-sS', `http://127.0.0.1:${port}${path}`)).stdout
  }

  /** Numbers of `/metrics`, by `name{label="value"}`. */
  async metrics(port: number): Promise<ReadonlyMap<string, number>> {
    return readMetrics(await this.page(port, '/metrics'))
  }

  /** Starts a service as its unit says, as systemd would after a boot; does not wait for it. */
  startUnit(name: string): HostProcess {
    const unit = readInstalledUnit(this.root.path, name)
    const { user, stateFolder, stateFolderMode: mode } = unit
    this.root.makeStateFolder(stateFolder, { user, mode })
    return this.start(['sh', '-euc', environmentScript(unit), 'sh', ...argvOf(unit)], {
      PATH: systemPath,
      ...Object.fromEntries(unit.environment.map((text) => splitOnce(text))),
    })
  }

  /** Does what the unit says shall be done when its service has ended, however it did. */
  async afterStop(name: string): Promise<void> {
    const { afterStop } = readInstalledUnit(this.root.path, name)
    // Below /usr, which is not the machine's own.
    const [program = '', ...words] = afterStop
    const { code } = await this.#network.run(this.name, [this.root.file(program), ...words])
    assert.equal(code, 0)
  }

  async #nft(text: string): Promise<void> {
    const { code, stderr } = await this.run('nft', text)
    assert.equal(code, 0, stderr)
  }

  #inside(): readonly string[] {
    const { path } = this.root
    const steps = [
      `hostname ${this.name}`,
      showCheckout,
      ...ownFolders.map((folder) => `mount --bind '${path}/${folder}' /${folder}`),
      // Services must not change it (ProtectSystem=).
      'mount -o remount,bind,ro /etc',
      'exec "$@"',
    ]
    return ['unshare', '--uts', 'sh', '-euc', steps.join('\n'), 'sh']
  }
}

/** Later files beat earlier ones, and all of them what the unit itself says (systemd.exec(5)). */
function environmentScript({ environmentFiles, umask }: InstalledUnit): string {
  const files = environmentFiles.map(({ path, mayBeMissing }) =>
    mayBeMissing ? `if [ -e ${path} ]; then . ${path}; fi` : `. ${path}`,
  )
  return ['set -a', ...files, 'set +a', `umask ${umask}`, 'exec "$@"'].join('\n')
}

function argvOf(unit: InstalledUnit): readonly string[] {
  const { user, group, ambientCapabilities, boundingCapabilities, noNewPrivileges, start } = unit
  const only = (names: readonly string[]) => ['-all', ...names.map((name) => `+${name}`)].join()
  return [
    'setpriv',
    `--reuid=${user}`,
    `--regid=${group}`,
    '--init-groups',
    `--inh-caps=${only(ambientCapabilities)}`,
    `--ambient-caps=${only(ambientCapabilities)}`,
    `--bounding-set=${only(boundingCapabilities)}`,
    ...(noNewPrivileges ? ['--no-new-privs'] : []),
    '--',
    ...start,
  ]
}

function splitOnce(text: string): readonly [string, string] {
  const at = text.indexOf('=')
  return [text.slice(0, at), text.slice(at + 1)]
}
