/**
 * Runs tests as `node --test` does, patient files first: `run-tests.ts [--concurrency N] PATTERN…`.
 * Its last lines name the files that took longest, what was skipped, what passed only when it was run again
 * by itself, and what failed. A file that does not end is ended.
 */
import { globSync, mkdirSync, readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join, relative, resolve } from 'node:path'
import { run } from 'node:test'
import { spec } from 'node:test/reporters'
import { fileURLToPath } from 'node:url'
import { parseArgs, stripVTControlCharacters } from 'node:util'

const root = fileURLToPath(new URL('..', import.meta.url))
const { values, positionals } = parseArgs({
  allowPositionals: true,
  // One for each core, none left over: tests wait for most of their time.
  options: { concurrency: { type: 'string', default: String(availableParallelism()) } },
})

// Besides what a file's groups allow themselves; for `test-file-limit.ts`.
process.env['TEST_PATIENCE_MS'] ??= String(900_000)

// Each file is a process, and each imports the same code. Coverage is not counted in code of a cache.
if (!process.env['NODE_V8_COVERAGE']) {
  const cache = join(root, 'node_modules/.cache/compile')
  mkdirSync(cache, { recursive: true })
  process.env['NODE_COMPILE_CACHE'] ??= cache
}

interface Failure {
  /** Relative to the project. */
  readonly file: string
  readonly reason: string
}

const files = patientFirst(globSync(positionals, { cwd: root }))
if (files.length === 0) throw new Error(`no tests: ${positionals.join(' ')}`)
const took: { readonly file: string; readonly seconds: number }[] = []
const skipped = new Set<string>()

const stopped = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stopped.abort())

/** Gives what failed, when all have ended. */
function runFiles(paths: readonly string[], concurrency: number): Promise<readonly Failure[]> {
  const failures: Failure[] = []
  const execArgv = ['--import', join(root, 'scripts/test-file-limit.ts')]
  const tests = run({ files: paths, cwd: root, concurrency, execArgv, signal: stopped.signal })
  tests.on('test:complete', ({ name, file, details }) => {
    if (name !== file) return
    const seconds = details.duration_ms / 1000
    took.push({ file: relative(root, file), seconds })
    // What it says comes in the order of the files, and may come late.
    process.stdout.write(
      `${took.length}/${files.length}  ${relative(root, file)}  ${seconds.toFixed(1)} s\n`,
    )
  })
  tests.on('test:pass', ({ file = '', skip }) => {
    if (skip !== undefined) skipped.add(`SKIPPED  in ${relative(root, file)}: ${skip}`)
  })
  tests.on('test:fail', ({ name, file = '', details }) => {
    const error: Error & { readonly failureType?: string } = details.error
    // A group fails with what is in it.
    if (error.failureType === 'subtestsFailed') return
    const { cause = error } = error
    const message = cause instanceof Error ? cause.message : String(cause)
    // In one line, with what was expected and what came: often all that is left of a log.
    const line = stripVTControlCharacters(message).replace(/\s+/g, ' ').slice(0, 600)
    const reason = name === file ? line : `${name}: ${line}`
    failures.push({ file: relative(root, file), reason })
  })
  tests.compose(spec).pipe(process.stdout)
  return new Promise((resolve) => tests.on('end', () => resolve(failures)))
}

const first = await runFiles(files, Number(values.concurrency))
const again = filesThatMayBeChance(first)
const second = again.length > 0 ? await runFiles(again, 1) : []
const isFlaky = ({ file }: Failure) =>
  again.includes(file) && !second.some((failure) => failure.file === file)
const flaky = first.filter(isFlaky)
const failed = first.filter((failure) => !isFlaky(failure))

took.sort((a, b) => b.seconds - a.seconds)
const lines = [
  ...took.slice(0, 10).map(({ file, seconds }) => `${seconds.toFixed(1).padStart(7)} s  ${file}`),
  ...skipped,
  ...flaky.map(({ file, reason }) => `FLAKY  ${file}: passed alone, but before: ${reason}`),
  ...failed.map(({ file, reason }) => `FAILED  ${file}: ${reason}`),
]
process.stdout.write(`${lines.join('\n')}\n`)
if (failed.length > 0) process.exitCode = 1

/**
 * Tests below `test/` have kernels, API servers and clients of others in them, on a machine that may be busy
 * with other things: one or two of their files may fail by chance, which a second try tells from a defect.
 */
function filesThatMayBeChance(failures: readonly Failure[]): readonly string[] {
  const paths = [...new Set(failures.map(({ file }) => file))]
  const isChance = paths.length <= 2 && paths.every((path) => /(^|\/)test\//.test(path))
  return isChance && !stopped.signal.aborted ? paths : []
}

/** Those that allow themselves most time come first, so that none of them is left at the end. */
function patientFirst(paths: readonly string[]): readonly string[] {
  const patienceOf = (path: string) => {
    const found = readFileSync(path, 'utf8').matchAll(/timeout: ([\d_]+)/g)
    return Math.max(0, ...Array.from(found, ([, text = '']) => Number(text.replaceAll('_', ''))))
  }
  return paths
    .map((path) => resolve(root, path))
    .map((path) => ({ path, patience: patienceOf(path) }))
    .sort((a, b) => b.patience - a.patience || (a.path < b.path ? 1 : -1))
    .map(({ path }) => path)
}
