import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const main = fileURLToPath(new URL('../cli/main.ts', import.meta.url))

export interface Verdict {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** Runs `meshdns validate`; `under` is the beginning of the command line. */
export function validate(argv: readonly string[], under: readonly string[] = []): Verdict {
  const [command = '', ...words] = [...under, process.execPath, main, 'validate', ...argv]
  const { status, stdout, stderr } = spawnSync(command, words, { encoding: 'utf8' })
  return { code: status, stdout, stderr }
}
