/**
 * Runs the tests with a cluster: `run.ts [FILE…]`. Builds its programs before when they are not there,
 * so that no test waits for that; `run.ts --build` does no more. With KUBECONFIG, only tests that do in a
 * cluster of somebody else.
 */
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { clusterPrograms, reasonForNone } from './programs.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const words = process.argv.slice(2)
const isExisting = (process.env['KUBECONFIG'] ?? '') !== ''

const reason = isExisting ? undefined : await reasonForNone()
if (reason !== undefined) {
  process.stdout.write(`NOT CHECKED: everything in test/cluster: tests with a cluster ${reason}\n`)
} else if (!isExisting) {
  const started = performance.now()
  await clusterPrograms()
  const seconds = ((performance.now() - started) / 1000).toFixed(0)
  process.stdout.write(`the programs of a cluster are here (${seconds} s)\n`)
}

if (words.includes('--build')) process.exit()

// A cluster takes a core while it starts.
const runner = ['scripts/run-tests.ts', '--concurrency', '2']
const { status } = spawnSync(
  process.execPath,
  [...runner, ...(words.length > 0 ? words : ['test/cluster/**/*.test.ts'])],
  {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, MESHDNS_TEST_CLUSTER: isExisting ? 'existing' : 'own' },
  },
)
process.exitCode = status ?? 1
