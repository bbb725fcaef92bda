import { type ChildProcess, spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { LineLog } from '../../../src/testing/line-log.ts'
import { quote } from './container-root.ts'

/** Where a node has its control groups. */
export const groupMount = '/sys/fs/cgroup'

/**
 * The first process of a node. Everything that runs there is in its namespace of processes, so that a pod with `hostPID`
 * sees what is of this node and nothing else, and nothing is left when it ends.
 */
export class NodeInit implements AsyncDisposable {
  readonly pid: number
  readonly #outside: ChildProcess

  private constructor(outside: ChildProcess, pid: number) {
    this.#outside = outside
    this.pid = pid
  }

  /** `network` is the path of the node's namespace, `resolvConf` that of a file which the node has as /etc/resolv.conf. */
  static async start(network: string, resolvConf: string): Promise<NodeInit> {
    const script = `
      mount --make-rprivate /
      mount -t proc proc /proc
      mount --bind ${quote(resolvConf)} /etc/resolv.conf
      mount -t cgroup2 none ${groupMount}
      echo ready
      sleep infinity &
      # Takes those in whose parents have ended.
      wait`
    const unshare = ['unshare', '--mount', '--pid', '--fork', '--kill-child=KILL']
    const words = ['--pdeathsig', 'KILL', 'nsenter', `--net=${network}`, '--', ...unshare]
    const outside = spawn('setpriv', [...words, 'sh', '-euc', script], {
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    const stderr = new LineLog(outside.stderr)
    await new LineLog(outside.stdout).line(/^ready$/).catch((error: unknown) => {
      throw new Error(`the node did not start: ${stderr.text}`, { cause: error })
    })
    const children = readFileSync(`/proc/${outside.pid}/task/${outside.pid}/children`, 'utf8')
    return new NodeInit(outside, Number(children))
  }

  /** Words before those of a program that shall run there, in a network of its own. */
  enter(network: string): readonly string[] {
    return ['nsenter', `--target=${this.pid}`, '--mount', '--pid', `--net=${network}`, '--']
  }

  /** Where we see a file of the node. */
  path(inside: string): string {
    return `/proc/${this.pid}/root${inside}`
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const { promise: closed, resolve } = Promise.withResolvers<void>()
    this.#outside.once('close', () => resolve())
    if (this.#outside.exitCode !== null || !this.#outside.kill('SIGKILL')) resolve()
    await closed
  }
}
