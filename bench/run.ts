import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { distributionOf } from '../test/architecture/sizes.ts'
import { isProduct, readSources } from '../test/architecture/tree.ts'
import { waitForAnswer } from './dns-question.ts'
import { type LoadRun, runLoad } from './load.ts'
import { residentMebioctets } from './process-usage.ts'
import { startAgent, startUnbound } from './servers.ts'
import { formatSpread, type Spread, spreadOf } from './spread.ts'
import { serviceEntries, type Workload, writeWorkload } from './workload.ts'

const rounds = 5
const secondsPerRun = 3
const agentPort = 25_053
const unboundPort = 25_054

interface Comparison {
  readonly agent: readonly LoadRun[]
  readonly unbound: readonly LoadRun[]
}

interface Figures {
  readonly startupMs: number
  readonly residentMebioctets: number
}

function say(label: string, text: string): void {
  process.stdout.write(`${label.padEnd(44)} ${text}\n`)
}

/** Runs of both servers in turn, so that a noisy moment of the machine meets both. */
async function compare(folder: string, workload: Workload): Promise<Comparison> {
  const agent = await startAgent(folder, workload, agentPort)
  const unbound = await startUnbound(folder, workload, unboundPort)
  const runs: { agent: LoadRun[]; unbound: LoadRun[] } = { agent: [], unbound: [] }
  try {
    runLoad(agent, workload.queryFile, 1)
    runLoad(unbound, workload.queryFile, 1)
    for (let round = 0; round < rounds; round += 1) {
      runs.agent.push(runLoad(agent, workload.queryFile, secondsPerRun))
      runs.unbound.push(runLoad(unbound, workload.queryFile, secondsPerRun))
    }
  } finally {
    await Promise.all([agent.stop(), unbound.stop()])
  }
  return runs
}

/** What an agent costs that nobody asks anything. */
async function measureIdle(folder: string, count: number): Promise<Figures> {
  const workload = writeWorkload(folder, count)
  const agent = await startAgent(folder, workload, agentPort)
  try {
    return { startupMs: agent.startedInMs, residentMebioctets: residentMebioctets(agent.pid) }
  } finally {
    await agent.stop()
  }
}

/** From the moment a file is renamed into place until its new answer is heard. */
async function measureChange(folder: string, workload: Workload): Promise<Spread> {
  const agent = await startAgent(folder, workload, agentPort)
  const times: number[] = []
  try {
    for (let change = 1; change <= 10; change += 1) {
      const address = `198.19.255.${change}`
      const text = serviceEntries(workload.names).replace(
        /addresses: \[[^\]]*\]/,
        `addresses: [${address}]`,
      )
      const next = `${workload.entriesFile}.next`
      writeFileSync(next, text)
      renameSync(next, workload.entriesFile)
      times.push(await waitForAnswer(agentPort, workload.names[0] ?? '', (got) => got === address))
    }
  } finally {
    await agent.stop()
  }
  return spreadOf(times)
}

const folder = mkdtempSync(join(tmpdir(), 'meshdns-bench-'))
try {
  const workload = writeWorkload(folder, 1_000)
  const runs = await compare(folder, workload)
  const cpu = (list: readonly LoadRun[]) => spreadOf(list.map((run) => run.cpuMicrosecondsPerQuery))
  const rate = (list: readonly LoadRun[]) => spreadOf(list.map((run) => run.queriesPerSecond))
  const ratios = runs.agent.map(
    (run, round) =>
      run.cpuMicrosecondsPerQuery / (runs.unbound[round]?.cpuMicrosecondsPerQuery ?? Number.NaN),
  )
  const results = {
    date: new Date().toISOString(),
    machine: { cores: cpus().length, model: cpus()[0]?.model ?? 'unknown', node: process.version },
    cpuMicrosecondsPerQuery: { agent: cpu(runs.agent), unbound: cpu(runs.unbound) },
    cpuRatio: spreadOf(ratios),
    queriesPerSecond: { agent: rate(runs.agent), unbound: rate(runs.unbound) },
    lost: {
      agent: runs.agent.reduce((sum, run) => sum + run.lost, 0),
      unbound: runs.unbound.reduce((sum, run) => sum + run.lost, 0),
    },
    change: await measureChange(folder, writeWorkload(folder, 1_000)),
    idle: {
      services1000: await measureIdle(folder, 1_000),
      services10000: await measureIdle(folder, 10_000),
    },
    sourceLines: distributionOf(readSources().filter(isProduct)),
  }
  const { cpuMicrosecondsPerQuery, queriesPerSecond, idle } = results
  say('CPU time per query, meshdns, µs', formatSpread(cpuMicrosecondsPerQuery.agent, 1))
  say('CPU time per query, unbound, µs', formatSpread(cpuMicrosecondsPerQuery.unbound, 1))
  say('CPU time per query, meshdns / unbound', formatSpread(results.cpuRatio, 2))
  say('queries a second, meshdns', formatSpread(queriesPerSecond.agent, 0))
  say('queries a second, unbound', formatSpread(queriesPerSecond.unbound, 0))
  say('questions lost, meshdns / unbound', `${results.lost.agent} / ${results.lost.unbound}`)
  say('from a changed file to the changed answer, ms', formatSpread(results.change, 0))
  for (const [count, figures] of [
    [1_000, idle.services1000],
    [10_000, idle.services10000],
  ] as const) {
    say(`start to first answer, ${count} services, ms`, figures.startupMs.toFixed(0))
    say(`resident memory, idle, ${count} services, MiB`, figures.residentMebioctets.toFixed(0))
  }
  const { files, median, p90, most, total } = results.sourceLines
  say(
    'source files: count, median, p90, longest, lines',
    `${files}, ${median}, ${p90}, ${most}, ${total}`,
  )
  const resultFolder = fileURLToPath(new URL('results', import.meta.url))
  mkdirSync(resultFolder, { recursive: true })
  const resultFile = join(resultFolder, `${results.date.slice(0, 10)}.json`)
  writeFileSync(resultFile, `${JSON.stringify(results, undefined, 2)}\n`)
} finally {
  rmSync(folder, { recursive: true, force: true })
}
