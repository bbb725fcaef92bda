import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { dieWithParent, findSystemProgram, needSystemProgram } from '../../../sandbox/programs.ts'
import { DemoNetworkError, execute } from '../execute.ts'
import { ownWords } from '../own-programs.ts'
import { DemoProgram } from './demo-program.ts'
import { bindingsOf } from './machine-root.ts'
import { readUnitCommand } from './unit-command.ts'

export interface MachineOptions {
  readonly name: string
  /** IPv4, without the length. */
  readonly address: string
  /** Folder that is its root. */
  readonly root: string
  readonly path: string
  /** Files of the machine below that it sees, wherever they are. */
  readonly visible: readonly string[]
  /** Folder where machines keep compiled code. */
  readonly cache: string
}

/** A unit that runs. */
export interface StartedUnit {
  /** As the unit has it. */
  readonly argv: readonly string[]
  readonly program: DemoProgram
}

/** What the demo's machines are connected by. */
export const bridge = { name: 'br0', address: '192.0.2.1/24' } as const

/** A machine of the demo: namespaces of its own, an address on the bridge, a folder as its root. */
export class DemoMachine {
  readonly name: string
  readonly #options: MachineOptions
  #enter: readonly string[] = []

  constructor(options: MachineOptions) {
    this.name = options.name
    this.#options = options
  }

  /** Gives it namespaces and programs; until then it is but a folder. */
  async boot(): Promise<void> {
    const { name, address, root, path } = this.#options
    const unshare = needSystemProgram('unshare', path, 'util-linux')
    const ip = needSystemProgram('ip', path, 'iproute2')
    const die = dieWithParent(path, 'KILL')
    const script = ['sh', '-ec', this.#bootScript()]
    const holder = spawn(unshare, ['--net', '--mount', '--uts', '--', ...die, ...script], {
      stdio: ['pipe', 'pipe', 'inherit'],
    })
    endWithUs(holder)
    const [said] = await Promise.race([once(holder.stdout, 'end'), once(holder.stdout, 'data')])
    if (said === undefined) throw new DemoNetworkError([unshare], `${name} does not start`)
    const nsenter = needSystemProgram('nsenter', path, 'util-linux')
    const target = [`--target=${holder.pid}`, '--net', '--mount', '--uts']
    const chroot = needSystemProgram('chroot', path, 'coreutils')
    this.#enter = [nsenter, ...target, chroot, root, ...die]
    const links = [
      `link add ${name} type veth peer name eth0 netns ${holder.pid}`,
      `link set ${name} master ${bridge.name} up`,
    ]
    execute([ip, '-batch', '-'], [...links, ''].join('\n'))
    const steps = [
      'link set lo up',
      'link set eth0 up',
      `addr add ${address}/24 dev eth0`,
      'route add default dev eth0',
    ]
    execute([nsenter, ...target, ip, '-batch', '-'], [...steps, ''].join('\n'))
  }

  /** Starts a line of shell in the machine. */
  shell(line: string): ChildProcess {
    return this.#spawn(['sh', '-c', line])
  }

  /** Starts a program that runs beside what follows. */
  start(argv: readonly string[], env: NodeJS.ProcessEnv = {}): DemoProgram {
    return new DemoProgram(this.#spawn(argv, env))
  }

  /** Starts a unit as systemd would: its command and environment come from its files. */
  startUnit(unit: string): StartedUnit {
    const { argv, env } = readUnitCommand(this.#options.root, unit)
    const [program = '', ...words] = argv
    // The package would have put it there.
    const own = program === '/usr/bin/meshdns' ? ownWords.get('meshdns') : undefined
    return { argv, program: this.start([...(own ?? [program]), ...words], env) }
  }

  #bootScript(): string {
    const { name, root, path, visible, cache } = this.#options
    const mount = needSystemProgram('mount', path, 'mount')
    const hostname = findSystemProgram('hostname', path)
    const kept = { from: cache, to: `${root}/run/cache` }
    const lines = [...bindingsOf(root, visible), kept].map(
      ({ from, to }) => `'${mount}' --rbind '${from}' '${to}'`,
    )
    const ends = ['echo here', 'exec cat']
    return [...(hostname ? [`'${hostname}' ${name}`] : []), ...lines, ...ends].join('\n')
  }

  #spawn(argv: readonly string[], env: NodeJS.ProcessEnv = {}): ChildProcess {
    const [program = '', ...words] = [...this.#enter, ...argv]
    const own = {
      PATH: `/run/bin:${this.#options.path}:/usr/sbin:/sbin`,
      HOME: '/root',
      NODE_COMPILE_CACHE: '/run/cache',
      // The namespaces know no other user.
      MESHDNS_RUN_AS: 'root',
      MESHDNS_CONTROLLER_RUN_AS: 'root',
    }
    const stdio = ['ignore', 'pipe', 'pipe'] as const
    const child = spawn(program, words, { stdio: [...stdio], env: { ...own, ...env } })
    endWithUs(child)
    return child
  }
}

/** Also where `setpriv` is not installed. */
function endWithUs(child: ChildProcess): void {
  const end = () => child.kill('SIGKILL')
  process.on('exit', end)
  child.on('exit', () => process.off('exit', end))
}
