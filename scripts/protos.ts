import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

/** Makes `src/rpc/gen` of the protos beside it. */
const root = fileURLToPath(new URL('..', import.meta.url))
const { status } = spawnSync('buf', ['generate', ...process.argv.slice(2)], {
  cwd: `${root}src/rpc`,
  env: { ...process.env, PATH: `${root}node_modules/.bin:${process.env['PATH'] ?? ''}` },
  stdio: 'inherit',
})
process.exitCode = status ?? 1
