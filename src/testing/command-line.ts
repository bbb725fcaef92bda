import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const main = fileURLToPath(new URL('../cli/main.ts', import.meta.url))

/** Runs one command line to its end, with nothing on its standard input. */
export function meshdns(...words: readonly string[]) {
  return meshdnsReading('', ...words)
}

/** Runs one command line to its end, with this on its standard input. */
export function meshdnsReading(input: string, ...words: readonly string[]) {
  return spawnSync(process.execPath, [main, ...words], {
    encoding: 'utf8',
    input,
    timeout: 300_000,
  })
}
