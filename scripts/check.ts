/** Runs every check, and ends with a table of what was run, what could not be, and what failed. */
import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

/** One thing that must hold; it holds when the command ends with 0. */
interface Step {
  readonly name: string
  readonly argv: readonly string[]
}

interface Outcome {
  readonly step: Step
  readonly passed: boolean
  readonly seconds: number
  /** What it said that the summary is made of. */
  readonly lines: readonly string[]
}

/** Takes both cores for minutes the first time, and a moment later. */
const build: Step = { name: 'programs', argv: ['node', 'test/cluster/run.ts', '--build'] }

/** Steps one after the other; the lanes run beside each other. That of the cluster waits for most of its time. */
const lanes: readonly (readonly Step[])[] = [
  [
    { name: 'format', argv: ['biome', 'check', '.'] },
    { name: 'lint', argv: ['oxlint', '--type-aware'] },
    { name: 'types', argv: ['tsc', '--noEmit'] },
    { name: 'dead code', argv: ['knip'] },
    {
      name: 'tests',
      argv: ['node', 'scripts/run-tests.ts', 'src/**/*.test.ts', 'test/!(cluster)/**/*.test.ts'],
    },
  ],
  [{ name: 'cluster', argv: ['node', 'test/cluster/run.ts'] }],
]

/** The counts of the test runner, what took longest there, what failed, and what was not run. */
const telling = /^(ℹ \w+ [\d.]+$| *[\d.]+ s {2}|SKIPPED|FLAKY|FAILED|NOT CHECKED)/

const root = fileURLToPath(new URL('..', import.meta.url))

/** Runs a step, with what it says shown under its name. */
async function run(step: Step): Promise<Outcome> {
  const say = (line: string) => process.stdout.write(`${step.name.padEnd(9)} | ${line}\n`)
  say(`== ${step.argv.join(' ')}`)
  const started = performance.now()
  const [command = '', ...rest] = step.argv
  const child = spawn(command, rest, {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...process.env,
      PATH: `${root}node_modules/.bin:${process.env['PATH'] ?? ''}`,
      // Somebody's cluster is not meant.
      KUBECONFIG: '',
    },
  })
  const lines: string[] = []
  for (const input of [child.stdout, child.stderr]) {
    createInterface({ input }).on('line', (line) => {
      say(line)
      if (telling.test(line)) lines.push(line)
    })
  }
  const passed = await new Promise<boolean>((resolve) => {
    child.once('error', (error) => {
      say(error.message)
      resolve(false)
    })
    child.once('close', (code) => resolve(code === 0))
  })
  const seconds = (performance.now() - started) / 1000
  say(`== ${passed ? 'passed' : 'FAILED'} after ${seconds.toFixed(1)} s`)
  return { step, passed, seconds, lines }
}

async function runInTurn(steps: readonly Step[]): Promise<readonly Outcome[]> {
  const outcomes: Outcome[] = []
  for (const step of steps) outcomes.push(await run(step))
  return outcomes
}

const started = performance.now()
const outcomes = [await run(build), ...(await Promise.all(lanes.map(runInTurn))).flat()]

/** Each once, in the order of the steps. */
function linesLike(pattern: RegExp): readonly string[] {
  const all = outcomes.flatMap(({ lines }) => lines)
  return [...new Set(all.filter((line) => pattern.test(line)))]
}

/** The counts of all steps together. */
function counts(): readonly string[] {
  const sums = new Map<string, number>()
  for (const line of outcomes.flatMap(({ lines }) => lines)) {
    const [, name = '', count] =
      /^ℹ (tests|pass|fail|cancelled|skipped|todo) (\d+)$/.exec(line) ?? []
    if (count !== undefined) sums.set(name, (sums.get(name) ?? 0) + Number(count))
  }
  return [...sums].map(([name, sum]) => `${name} ${sum}`)
}

const rows = outcomes.map(({ step, passed, seconds }) => row(passed, step.name, seconds))
const all = outcomes.every(({ passed }) => passed)
const seconds = (performance.now() - started) / 1000
const paragraphs = [
  ['What took longest:', ...linesLike(/^ *[\d.]+ s {2}/)],
  linesLike(/^(SKIPPED|NOT CHECKED)/),
  linesLike(/^FLAKY/),
  linesLike(/^FAILED/),
  [...rows, row(all, 'all', seconds)],
  [counts().join(', ')],
]
for (const lines of paragraphs)
  if (lines.length > 0) process.stdout.write(`\n${lines.join('\n')}\n`)
process.exitCode = all ? 0 : 1

function row(passed: boolean, name: string, took: number): string {
  return `${passed ? 'passed' : 'FAILED'}  ${name.padEnd(10)} ${took.toFixed(1).padStart(6)} s`
}
