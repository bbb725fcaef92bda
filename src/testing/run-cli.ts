import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const main = fileURLToPath(new URL('../cli/main.ts', import.meta.url))

export interface CliRun {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

/** Runs a command of ours to its end, while this process goes on. */
export function runCli(words: readonly string[]): Promise<CliRun> {
  return new Promise((resolve) => {
    const options = { timeout: 300_000, maxBuffer: 64 * 1024 * 1024 }
    execFile(process.execPath, [main, ...words], options, (error, stdout, stderr) => {
      const code = error === null ? 0 : typeof error.code === 'number' ? error.code : -1
      resolve({ code, stdout, stderr })
    })
  })
}
