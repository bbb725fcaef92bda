import { spawn } from 'node:child_process'

export interface ProgramOutcome {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

interface ProgramOptions {
  readonly cwd?: string
  readonly env?: Readonly<Record<string, string>>
  /** That it has nothing of our environment. */
  readonly isEnvWhole?: boolean
  /** What it reads. */
  readonly input?: string
}

/** Runs a program to its end. */
export function runProgram(
  [program = '', ...words]: readonly string[],
  { cwd, env, isEnvWhole = false, input = '' }: ProgramOptions = {},
): Promise<ProgramOutcome> {
  return new Promise((resolve, reject) => {
    const base = isEnvWhole ? {} : process.env
    const child = spawn(program, words, { cwd, env: { ...base, ...env } })
    let stdout = ''
    let stderr = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text))
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text))
    child.on('error', reject)
    child.on('close', (code) => resolve({ code: code ?? -1, stdout, stderr }))
    child.stdin.on('error', () => {}).end(input)
  })
}
