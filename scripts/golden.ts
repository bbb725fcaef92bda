import { spawnSync } from 'node:child_process'
import { globSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/**
 * Rewrites the golden files of every room that has a `golden.test.ts`.
 *
 * Such a test writes what it got instead of comparing when `UPDATE_GOLDEN` is 1. Read the difference
 * before you commit it.
 */
const root = fileURLToPath(new URL('..', import.meta.url))
const tests = globSync('src/**/golden.test.ts', { cwd: root }).map((file) => join(root, file))
const { status } = spawnSync(process.execPath, ['--test', ...tests], {
  cwd: root,
  stdio: 'inherit',
  env: { ...process.env, UPDATE_GOLDEN: '1' },
})
process.exitCode = status ?? 1
