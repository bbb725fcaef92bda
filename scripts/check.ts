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
}

const steps: readonly Step[] = [
  { name: 'format', argv: ['biome', 'check', '.'] },
  { name: 'lint', argv: ['oxlint', '--type-aware'] },
  { name: 'types', argv: ['tsc', '--noEmit'] },
  { name: 'dead code', argv: ['knip'] },
  { name: 'tests', argv: ['node', '--test', 'src/**/*.test.ts', 'test/**/*.test.ts'] },
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
    env: { ...process.env, PATH: `${root}node_modules/.bin:${process.env['PATH'] ?? ''}` },
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
  const counts = tail.split('\n').filter((line) => /^ℹ \w+ [\d.]+$/.test(line))
  return { step, passed, seconds: (performance.now() - started) / 1000, counts }
}

const outcomes: Outcome[] = []
for (const step of steps) outcomes.push(await run(step))

process.stdout.write('\n')
for (const { step, passed, seconds } of outcomes) {
  const verdict = passed ? 'passed' : 'FAILED'
  process.stdout.write(`${verdict}  ${step.name.padEnd(10)} ${seconds.toFixed(1).padStart(6)} s\n`)
}
process.stdout.write('\n')
for (const { counts } of outcomes) for (const line of counts) process.stdout.write(`${line}\n`)
process.exitCode = outcomes.every(({ passed }) => passed) ? 0 : 1
