import { spawn } from 'node:child_process'
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
  /** The counts that the test runner prints at its end. */
  readonly counts: readonly string[]
  /** What this machine lacks. */
  readonly unchecked: readonly string[]
}

const steps: readonly Step[] = [
  { name: 'format', argv: ['biome', 'check', '.'] },
  { name: 'lint', argv: ['oxlint', '--type-aware'] },
  { name: 'types', argv: ['tsc', '--noEmit'] },
  { name: 'dead code', argv: ['knip'] },
  { name: 'tests', argv: ['node', '--test', 'src/**/*.test.ts', 'test/!(cluster)/**/*.test.ts'] },
  { name: 'cluster', argv: ['node', 'test/cluster/run.ts'] },
]

const root = fileURLToPath(new URL('..', import.meta.url))

/** Runs a step with its output shown as it comes, and kept as far as the summary needs it. */
async function run(step: Step): Promise<Outcome> {
  process.stdout.write(`\n== ${step.name}: ${step.argv.join(' ')}\n`)
  const started = performance.now()
  const [command = '', ...rest] = step.argv
  const child = spawn(command, rest, {
    cwd: root,
    stdio: ['ignore', 'pipe', 'inherit'],
    env: {
      ...process.env,
      PATH: `${root}node_modules/.bin:${process.env['PATH'] ?? ''}`,
      // Somebody's cluster is not meant.
      KUBECONFIG: '',
    },
  })
  let tail = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    process.stdout.write(text)
    tail = (tail + text).slice(-200_000)
  })
  const passed = await new Promise<boolean>((resolve) => {
    child.once('error', (error) => {
      process.stderr.write(`${error.message}\n`)
      resolve(false)
    })
    child.once('close', (code) => resolve(code === 0))
  })
  const lines = tail.split('\n')
  const counts = lines.filter((line) => /^ℹ \w+ [\d.]+$/.test(line))
  const unchecked = lines.filter((line) => line.startsWith('NOT CHECKED'))
  return { step, passed, seconds: (performance.now() - started) / 1000, counts, unchecked }
}

const outcomes: Outcome[] = []
for (const step of steps) outcomes.push(await run(step))

process.stdout.write('\n')
for (const { step, passed, seconds } of outcomes) {
  const verdict = passed ? 'passed' : 'FAILED'
  process.stdout.write(`${verdict}  ${step.name.padEnd(10)} ${seconds.toFixed(1).padStart(6)} s\n`)
}
process.stdout.write('\n')
for (const line of sumOf(outcomes)) process.stdout.write(`${line}\n`)
const unchecked = new Set(outcomes.flatMap((outcome) => outcome.unchecked))
if (unchecked.size > 0) process.stdout.write(`\n${[...unchecked].join('\n')}\n`)
process.exitCode = outcomes.every(({ passed }) => passed) ? 0 : 1

/** The counts of all steps together. */
function sumOf(all: readonly Outcome[]): readonly string[] {
  const sums = new Map<string, number>()
  for (const line of all.flatMap(({ counts }) => counts)) {
    const [sign = '', name = '', count] = line.split(' ')
    const key = `${sign} ${name}`
    sums.set(key, (sums.get(key) ?? 0) + Number(count))
  }
  return [...sums].map(([key, sum]) => `${key} ${sum}`)
}
