/**
 * Loaded before each file of tests: ends it when it has taken far longer than it allows itself, so that what
 * hangs is a failure with a name instead of a run without an end.
 */
import { readFileSync } from 'node:fs'

const [, file = ''] = process.argv
const found = readFileSync(file, 'utf8').matchAll(/timeout: ([\d_]+)/g)
const allowedMs = [...found].map(([, text = '']) => Number(text.replaceAll('_', '')))
const limitMs = allowedMs.reduce((sum, ms) => sum + ms, Number(process.env['TEST_PATIENCE_MS']))

setTimeout(() => {
  process.stderr.write(`${file} has not ended in ${limitMs / 1_000} s\n`)
  process.exit(1)
}, limitMs).unref()
