import { spawn } from 'node:child_process'
import { statSync } from 'node:fs'
import { CodedError } from '../base/coded-error.ts'
import { findAccount } from './place/accounts-file.ts'
import type { AccountWork } from './place/apply.ts'

/** A program of the system that is needed failed. */
export class SystemProgramError extends CodedError {
  override readonly code = 'INSTALL_SYSTEM_PROGRAM'

  constructor(argv: readonly string[], cause: unknown) {
    super(`${argv.join(' ')} failed`, {
      cause,
      hint: 'Mend what it says, and run the same command again: it goes on from there.',
    })
  }
}

/** The running machine, as far as an installation changes it; tests have one of their own. */
export interface Machine {
  /** Whether systemd manages it. */
  hasSystemd(): boolean
  /**
   * Runs a program of the system; what it prints is the result.
   * @throws {SystemProgramError} when it fails.
   */
  run(argv: readonly string[]): Promise<string>
}

const systemFolders = [
  '/usr/local/sbin',
  '/usr/sbin',
  '/sbin',
  '/usr/local/bin',
  '/usr/bin',
  '/bin',
]

export const thisMachine: Machine = {
  // As sd_booted(3) does.
  hasSystemd: () => isThere('/run/systemd/system'),
  run: (argv) =>
    new Promise((resolve, reject) => {
      const [program = '', ...words] = argv
      const env = { PATH: systemFolders.join(':'), LC_ALL: 'C' }
      const child = spawn(program, words, { env, stdio: ['ignore', 'pipe', 'pipe'] })
      const chunks: Buffer[] = []
      const keep = (chunk: Buffer) => void chunks.push(chunk)
      child.stdout.on('data', keep)
      child.stderr.on('data', keep)
      child.on('error', (error) => reject(new SystemProgramError(argv, error)))
      child.on('close', (code, signal) => {
        const output = Buffer.concat(chunks).toString()
        if (code === 0) resolve(output)
        else
          reject(
            new SystemProgramError(argv, new Error(output.trim() || `ended by ${signal ?? code}`)),
          )
      })
    }),
}

function isThere(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false }) !== undefined
}

/** Makes the user and group of a service of ours where they are missing. */
export function accountWork(machine: Machine, name: string, home: string): AccountWork {
  const missing = findAccount('/', name) ? [] : [name]
  return {
    missing,
    make: async () => {
      const words = ['--system', '--user-group', '--no-create-home', '--home-dir', home]
      await machine.run(['useradd', ...words, '--shell', '/usr/sbin/nologin', name])
    },
  }
}

/** Takes users away that were made for an installation. */
export async function removeAccounts(machine: Machine, names: readonly string[]): Promise<void> {
  for (const name of names) if (findAccount('/', name)) await machine.run(['userdel', name])
}
