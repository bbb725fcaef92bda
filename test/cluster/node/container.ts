import { type ChildProcess, spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { Readable } from 'node:stream'
import { LineLog } from '../../../src/testing/line-log.ts'
import { type ProgramOutcome, runProgram } from '../run-program.ts'
import { type ContainerRoot, rootScript } from './container-root.ts'

export interface ContainerStart {
  /** Path of the pod's network namespace. */
  readonly network: string
  readonly root: ContainerRoot
  readonly env: Readonly<Record<string, string>>
  /** Privileges first, then the program and its words. */
  readonly argv: readonly string[]
}

/** How a container ended, as a shell tells it: 128 and more for a signal. */
export type ExitCode = number

/** A container that was started: the process 1 of its own namespaces. */
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

  constructor({ network, root, env, argv }: ContainerStart) {
    const namespaces = ['--mount', '--pid', '--uts', '--ipc', '--fork', '--kill-child=KILL']
    const inside = ['sh', '-euc', rootScript(root), 'sh', ...argv]
    const words = [`--net=${network}`, '--', 'setpriv', '--pdeathsig', 'KILL', 'unshare']
    this.#env = env
    this.#outside = spawn('nsenter', [...words, ...namespaces, ...inside], {
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
        this.exitCode = code ?? (signal === 'SIGKILL' ? 137 : 143)
        resolve(this.exitCode)
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
    const { pid } = this.#outside
    try {
      const text = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8')
      return text.trim() === '' ? undefined : Number(text.trim().split(' ')[0])
    } catch {
      return undefined
    }
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

  /** Runs a program inside, as root of the container, to its end. */
  async exec(argv: readonly string[]): Promise<ProgramOutcome> {
    const { pid } = this
    if (pid === undefined) return { code: -1, stdout: '', stderr: 'it does not run' }
    const inside = ['--target', `${pid}`, '--mount', '--pid', '--net', '--uts', '--root', '--wd']
    const words = ['timeout', '120', 'nsenter', ...inside, '--', ...argv]
    return runProgram(words, { env: this.#env, isEnvWhole: true })
  }
}
