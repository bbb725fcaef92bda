import { type ChildProcess, spawn } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { waitForAnswer } from './dns-question.ts'
import { addressOf, type Workload } from './workload.ts'

/** A DNS server under test, alone on its processor core. */
export interface Server {
  readonly name: string
  readonly pid: number
  readonly port: number
  /** From `spawn` to the first right answer. */
  readonly startedInMs: number
  stop(): Promise<void>
}

/** The core that servers run on; the load comes from another one. */
export const serverCore = 0
export const loadCore = 1

const main = fileURLToPath(new URL('../src/cli/main.ts', import.meta.url))

/** Our agent: no capture, nothing but the file. */
export function startAgent(folder: string, workload: Workload, port: number): Promise<Server> {
  const configFile = join(folder, `agent-${port}.yaml`)
  const stateFolder = join(folder, `state-${port}`)
  mkdirSync(stateFolder, { recursive: true })
  writeFileSync(configFile, agentConfig(workload.entriesFile, stateFolder, port))
  return start(
    'meshdns',
    [
      process.execPath,
      '--max-semi-space-size=16',
      main,
      'agent',
      '--run-as',
      'root',
      '--config',
      configFile,
    ],
    workload,
    port,
  )
}

/** Unbound with one thread and the same names as `local-data`. */
export function startUnbound(folder: string, workload: Workload, port: number): Promise<Server> {
  const configFile = join(folder, `unbound-${port}.conf`)
  writeFileSync(configFile, unboundConfig(workload.names, folder, port))
  return start('unbound', ['unbound', '-d', '-c', configFile], workload, port)
}

async function start(
  name: string,
  argv: readonly string[],
  workload: Workload,
  port: number,
): Promise<Server> {
  const begin = performance.now()
  const child = spawn('taskset', ['--cpu-list', String(serverCore), ...argv], {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, PATH: `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin` },
  })
  const ended = new Promise<never>((_, reject) => {
    child.once('error', reject)
    child.once('exit', (code) => reject(new Error(`${name} ended with ${code}`)))
  })
  ended.catch(() => {})
  const last = workload.names.length - 1
  const right = waitForAnswer(port, workload.names[last] ?? '', (got) => got === addressOf(last))
  try {
    await Promise.race([right, ended])
  } catch (error) {
    child.kill('SIGKILL')
    throw error
  }
  const startedInMs = performance.now() - begin
  return { name, pid: child.pid ?? 0, port, startedInMs, stop: () => stop(child) }
}

function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve()
  return new Promise((resolve) => {
    const force = setTimeout(() => child.kill('SIGKILL'), 5_000)
    child.once('exit', () => {
      clearTimeout(force)
      resolve()
    })
    child.kill('SIGTERM')
  })
}

/** Everything that listens has ports of its own, so that an agent of the machine is not disturbed. */
function agentConfig(entriesFile: string, stateFolder: string, port: number): string {
  return JSON.stringify({
    sources: [entriesFile],
    stateFolder,
    listen: `127.0.0.1:${port}`,
    logLevel: 'error',
    relay: { listen: [`127.0.0.1:${port + 100}`] },
    admin: { address: `127.0.0.1:${port + 200}`, readinessAddress: `127.0.0.1:${port + 300}` },
  })
}

function unboundConfig(names: readonly string[], folder: string, port: number): string {
  return [
    'server:',
    `  directory: "${folder}"`,
    '  chroot: ""',
    '  username: ""',
    '  pidfile: ""',
    '  use-syslog: no',
    '  verbosity: 0',
    '  logfile: "unbound.log"',
    '  num-threads: 1',
    '  interface: 127.0.0.1',
    `  port: ${port}`,
    '  do-ip6: no',
    '  module-config: "iterator"',
    '  local-zone: "bench.internal." static',
    ...names.map((name, index) => `  local-data: "${name}. 30 IN A ${addressOf(index)}"`),
    'remote-control:',
    '  control-enable: no',
    '',
  ].join('\n')
}
