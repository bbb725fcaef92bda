import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import type { TestContext } from 'node:test'
import { fileURLToPath } from 'node:url'
import { LineLog } from './line-log.ts'
import type { NetworkProcess, PrivateNetwork } from './private-network.ts'

const main = fileURLToPath(new URL('../cli/main.ts', import.meta.url))

/** An agent in a process of its own, and what can be seen of it from outside. */
export interface AgentProcess {
  readonly process: NetworkProcess
  /** What it logged, a JSON object a line. */
  readonly log: LineLog
  /** Resident memory in MiB. */
  residentMib(): number
  /** Lines of the level `error`, and everything on the standard error. */
  errors(): readonly string[]
  /** Numbers of `/metrics`, by `name{label="value"}`. */
  metrics(): Promise<ReadonlyMap<string, number>>
  /** A JSON page, such as `/health`. */
  page(path: string): Promise<unknown>
  end(signal: NodeJS.Signals): Promise<void>
}

export interface AgentProcessOptions {
  /** None where a flag names a controller. */
  readonly sources?: string
  readonly stateFolder: string
  readonly resolvConf: string
  readonly flags?: readonly string[]
  /** Flags of Node.js. */
  readonly nodeFlags?: readonly string[]
  readonly env?: NodeJS.ProcessEnv
}

/** Starts `meshdns agent` on the network's 127.0.0.1:15053 (or as the flags say); it answers when this returns. */
export async function startAgentProcess(
  network: PrivateNetwork,
  options: AgentProcessOptions,
): Promise<AgentProcess> {
  const { sources, stateFolder, resolvConf, flags = [], nodeFlags = [], env = {} } = options
  const words = ['--run-as', 'root', '--namespace', 'ns1']
  if (sources !== undefined) words.push('--sources', sources)
  words.push('--state-folder', stateFolder, '--resolv-conf', resolvConf, ...flags)
  const agent = network.start([process.execPath, ...nodeFlags, main, 'agent', ...words], env)
  await agent.stdout.line(/"msg":"answering"/).catch((error: unknown) => {
    throw new Error(`the agent did not start: ${agent.stderr.text}`, { cause: error })
  })
  const get = async (path: string) => {
    const url = `http://127.0.0.1:15020${path}`
    return (await network.run(['curl', '-s', url])).stdout
  }
  return {
    process: agent,
    log: agent.stdout,
    residentMib: () => residentMib(agent.child.pid),
    errors: () => [
      ...agent.stdout.lines.filter((line) => line.includes('"level":"error"')),
      ...agent.stderr.lines,
    ],
    metrics: async () => readMetrics(await get('/metrics')),
    page: async (path) => JSON.parse(await get(path)) as unknown,
    async end(signal) {
      const closed = once(agent.child, 'close')
      agent.child.kill(signal)
      await closed
    },
  }
}

/** Starts `meshdns agent` on this machine, with flags that leave others alone; it answers when this returns, and ends with the test. */
export async function spawnAgent(
  test: Pick<TestContext, 'after'>,
  flags: readonly string[],
): Promise<void> {
  const words = [main, 'agent', '--run-as', 'root', ...flags]
  const child = spawn(process.execPath, words, { stdio: ['ignore', 'pipe', 'pipe'] })
  test.after(() => child.kill('SIGKILL'))
  const errors = new LineLog(child.stderr)
  await new LineLog(child.stdout).line(/"msg":"answering"/).catch((cause: unknown) => {
    throw new Error(`the agent did not start: ${errors.text}`, { cause })
  })
}

/** A scripted upstream on addresses of the network, port 53, and what it was asked. */
export async function startUpstreamProcess(
  network: PrivateNetwork,
  name: string,
  addresses: readonly string[],
): Promise<NetworkProcess> {
  const program = fileURLToPath(new URL('upstream-main.ts', import.meta.url))
  const upstream = network.start([process.execPath, program, name, '53', ...addresses])
  await upstream.stdout.line(/^ready$/)
  upstream.stdout.clear()
  return upstream
}

function residentMib(pid: number | undefined): number {
  const [, kibioctets] =
    /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? []
  return Math.round(Number(kibioctets) / 1024)
}

export function readMetrics(text: string): ReadonlyMap<string, number> {
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'))
  return new Map(
    lines.map((line) => {
      const at = line.lastIndexOf(' ')
      return [line.slice(0, at), Number(line.slice(at + 1))]
    }),
  )
}
