/**
 * What the agent of a pod costs beside node alone, from a controller over TLS: `npm run build` comes before.
 *
 * `--services 10000`, `--rounds 3`, `--settle 5` (seconds until memory is read), `--flag=--cpu-prof` for the agent's node.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { agentRuntime } from '../src/inject/agent-environment.ts'
import { machineCredentials } from '../src/testing/machine-credentials.ts'
import { startTestController } from '../src/testing/start-test-controller.ts'
import { waitForAnswer } from './dns-question.ts'
import { hostName, MeshFolder } from './mesh/mesh-folder.ts'
import { cpuSeconds, privateMebioctets, residentMebioctets } from './process-usage.ts'
import { formatSpread, spreadOf } from './spread.ts'

const { values } = parseArgs({
  options: {
    services: { type: 'string', default: '1000' },
    rounds: { type: 'string', default: '5' },
    settle: { type: 'string', default: '5' },
    flag: { type: 'string', multiple: true, default: [] },
  },
})
const services = Number(values.services)
const port = 25_055
const main = fileURLToPath(new URL('../dist/cli/main.js', import.meta.url))

interface Footprint {
  readonly answerMs: number
  readonly startCpuMs: number
  readonly resident: number
  readonly own: number
}

/** Starts node with these words; `begun` says when it has. */
async function measure(
  words: readonly string[],
  begun: () => Promise<unknown>,
): Promise<Footprint> {
  const begin = performance.now()
  const child = spawn(process.execPath, words, {
    stdio: ['ignore', 'ignore', 'inherit'],
    // As in a pod.
    env: { ...process.env, ...agentRuntime },
  })
  const pid = child.pid ?? 0
  try {
    await begun()
    const answerMs = performance.now() - begin
    const startCpuMs = cpuSeconds(pid) * 1_000
    await sleep(Number(values.settle) * 1_000)
    return {
      answerMs,
      startCpuMs,
      resident: residentMebioctets(pid),
      own: privateMebioctets(pid),
    }
  } finally {
    await end(child)
  }
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return
  const exit = once(child, 'exit')
  child.kill('SIGTERM')
  await exit
}

function agentWords(folder: string, controller: number): string[] {
  const words = {
    'run-as': 'root',
    'log-level': 'error',
    'state-folder': join(folder, 'state'),
    listen: `127.0.0.1:${port}`,
    'relay-listen': `127.0.0.1:${port + 100}`,
    'admin-address': `127.0.0.1:${port + 200}`,
    'admin-readiness-address': `127.0.0.1:${port + 300}`,
    controller: `127.0.0.1:${controller}`,
    'controller-tls': 'always',
    'controller-server-name': 'controller.test',
    'identity-token-file': join(folder, 'token'),
    'identity-roots-file': join(folder, 'controller', 'ca', 'root-cert.pem'),
  }
  return [
    ...values.flag,
    main,
    'agent',
    ...Object.entries(words).map(([flag, value]) => `--${flag}=${value}`),
  ]
}

function say(what: string, rounds: readonly Footprint[]): void {
  const columns = [
    ['first answer, ms', rounds.map(({ answerMs }) => answerMs)],
    ['CPU time until then, ms', rounds.map(({ startCpuMs }) => startCpuMs)],
    ['resident, MiB', rounds.map(({ resident }) => resident)],
    ['of which its own', rounds.map(({ own }) => own)],
  ] as const
  for (const [label, figures] of columns) {
    const text = formatSpread(spreadOf(figures), 0)
    process.stdout.write(`${`${what}: ${label}`.padEnd(60)} ${text}\n`)
  }
}

if (!existsSync(main)) throw new Error('there is no dist; run `npm run build` before')
const folder = mkdtempSync(join(tmpdir(), 'meshdns-bench-'))
const cleanups: (() => unknown)[] = [() => rmSync(folder, { recursive: true, force: true })]
try {
  const mesh = new MeshFolder(join(folder, 'mesh'), services)
  const stateFolder = join(folder, 'controller')
  mkdirSync(stateFolder)
  const after = (cleanup: () => unknown) => void cleanups.unshift(cleanup)
  const controller = await startTestController(
    { after: after as never },
    { stateFolder, sources: [mesh.path] },
  )
  const account = { namespace: 'default', serviceAccount: 'default' }
  const words = agentWords(folder, controller.addresses().tls[0]?.port ?? 0)
  const begun = () => waitForAnswer(port, hostName(services - 1), (answer) => answer !== '')
  const [bare, first, again]: Footprint[][] = [[], [], []]
  for (let round = -1; round < Number(values.rounds); round += 1) {
    // A token counts once.
    const { token } = await machineCredentials(stateFolder, account)
    writeFileSync(join(folder, 'token'), token)
    rmSync(join(folder, 'state'), { recursive: true, force: true })
    const taken = [
      await measure(['-e', 'setInterval(() => {}, 1e9)'], () => sleep(300)),
      await measure(words, begun),
      await measure(words, begun),
    ] as const
    // The first round fills the cache of compiled code.
    if (round < 0) continue
    bare?.push(taken[0])
    first?.push(taken[1])
    again?.push(taken[2])
  }
  say('node alone', bare ?? [])
  say('agent of a new pod', first ?? [])
  say('agent that starts again', again ?? [])
} finally {
  for (const cleanup of cleanups) await cleanup()
}
