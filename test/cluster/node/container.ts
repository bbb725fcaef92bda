import { type ChildProcess, spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { Readable } from 'node:stream'
import { LineLog } from '../../../src/testing/line-log.ts'
import { type ProgramOutcome, runProgram } from '../run-program.ts'
import { type ContainerRoot, rootScript } from './container-root.ts'

export interface ContainerStart {
  /** Words before those of a program that shall run on the node, in the pod's network. */
  readonly enter: readonly string[]
  /** Its control group. */
  readonly group: string
  /** It sees all processes of the node. */
  readonly hasNodeProcesses: boolean
  readonly root: ContainerRoot
  readonly env: Readonly<Record<string, string>>
  /** Privileges first, then the program and its words. */
  readonly argv: readonly string[]
  /** Is called when it has ended. */
  readonly leave: () => Promise<void>
}

/** How a container ended, as a shell tells it: 128 and more for a signal. */
export type ExitCode = number

/** A process that a shell starts is in the control group that the shell is in. */
const joinGroup = 'echo 0 > "$0/cgroup.procs"; exec "$@"'

/** A container that was started: the process 1 of its own namespaces, unless it has the processes of its node. */
export class Container {
  readonly startedAt = new Date().toISOString()
  readonly stdout: LineLog
  readonly stderr: LineLog
  /** Its root is there, or it is over. */
  readonly made: Promise<unknown>
  readonly ended: Promise<ExitCode>
  readonly #outside: ChildProcess
  readonly #env: Readonly<Record<string, string>>
  exitCode: ExitCode | undefined

  constructor({ enter, group, hasNodeProcesses, root, env, argv, leave }: ContainerStart) {
    const own = ['--mount', '--uts', '--ipc', '--cgroup', ...(hasNodeProcesses ? [] : ['--pid'])]
    const namespaces = [...own, '--fork', '--kill-child=KILL']
    const inside = ['sh', '-euc', rootScript(root), 'sh', ...argv]
    const words = [...enter, 'setpriv', '--pdeathsig', 'KILL', 'unshare', ...namespaces, ...inside]
    this.#env = env
    this.#outside = spawn('sh', ['-euc', joinGroup, group, ...words], {
      stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
      env: { ...env },
    })
    const { stdout, stderr } = this.#outside
    const [, , , made] = this.#outside.stdio
    if (!stdout || !stderr || !(made instanceof Readable)) throw new Error('no output')
    // Or it ended before.
    this.made = new LineLog(made).line(/^made$/).catch(() => {})
    this.stdout = new LineLog(stdout)
    this.stderr = new LineLog(stderr)
    this.ended = new Promise((resolve, reject) => {
      this.#outside.once('error', reject)
      this.#outside.once('close', (code, signal) => {
        const exitCode = code ?? (signal === 'SIGKILL' ? 137 : 143)
        this.exitCode = exitCode
        leave().then(() => resolve(exitCode), reject)
      })
    })
  }

  get isRunning(): boolean {
    return this.exitCode === undefined
  }

  /** The end of what it said. */
  get log(): string {
    return `${this.stdout.text}${this.stderr.text}`.slice(-4_000)
  }

  /** Its process as this machine numbers it; there is none before it began and after it ended. */
  get pid(): number | undefined {
    // What enters the node waits for what makes namespaces, which waits for it.
    return childOf(childOf(this.#outside.pid))
  }

  /** Sends it a signal; as process 1 it takes only those that it has asked for, and SIGKILL. */
  signal(signal: NodeJS.Signals): void {
    const { pid } = this
    try {
      if (pid !== undefined) process.kill(pid, signal)
      else if (this.isRunning) this.#outside.kill(signal)
    } catch {
      // It has just ended.
    }
  }

  /** Runs a program inside, as root of the container, to its end, five minutes at most. */
  async exec(argv: readonly string[]): Promise<ProgramOutcome> {
    const { pid } = this
    if (pid === undefined) return { code: -1, stdout: '', stderr: 'it does not run' }
    const namespaces = ['--mount', '--pid', '--net', '--uts', '--cgroup']
    const inside = ['--target', `${pid}`, ...namespaces, '--root', '--wd']
    const words = ['timeout', '300', 'nsenter', ...inside, '--', ...argv]
    return runProgram(words, { env: this.#env, isEnvWhole: true })
  }
}

function childOf(pid: number | undefined): number | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim()
    return text === '' ? undefined : Number(text.split(' ')[0])
  } catch {
    return undefined
  }
}
