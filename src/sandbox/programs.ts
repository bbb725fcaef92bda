import { accessSync, constants, statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { CodedError } from '../base/coded-error.ts'

/** Where system programs lie that are not in an ordinary user's PATH. */
const systemFolders = ['/usr/local/sbin', '/usr/sbin', '/sbin', '/usr/bin', '/bin']

/** A program that the sandbox is made with is not installed. */
export class ProgramMissingError extends CodedError {
  override readonly code = 'SANDBOX_PROGRAM_MISSING'

  constructor(name: string, packageName: string) {
    super(`${name} is not installed`, {
      hint: `Install it, on Debian or Ubuntu: sudo apt-get install ${packageName}`,
    })
  }
}

/** Full path of a system program; `undefined` when it is not installed. */
export function findSystemProgram(name: string, path: string): string | undefined {
  return findIn([...path.split(':'), ...systemFolders], name)
}

/** @throws {ProgramMissingError} when it is not installed. */
export function needSystemProgram(name: string, path: string, packageName: string): string {
  const program = findSystemProgram(name, path)
  if (program === undefined) throw new ProgramMissingError(name, packageName)
  return program
}

/** Words before a command line that end it by a signal when its parent dies; none without `setpriv`. */
export function dieWithParent(path: string, signal: 'KILL' | 'TERM'): readonly string[] {
  const setpriv = findSystemProgram('setpriv', path)
  return setpriv === undefined ? [] : [setpriv, '--pdeathsig', signal, '--']
}

/** The command's program cannot be run; nothing was started. */
export class CommandNotFoundError extends CodedError {
  override readonly code = 'SANDBOX_COMMAND_NOT_FOUND'
  /** What a shell would exit with: 127 when there is none, 126 when it may not be run. */
  readonly exitCode: number

  constructor(name: string, reason: 'absent' | 'not executable') {
    super(reason === 'absent' ? `command not found: ${name}` : `not an executable file: ${name}`, {
      hint: 'Name a program of your PATH, or one by its path; for shell syntax use: sh -c "…"',
    })
    this.exitCode = reason === 'absent' ? 127 : 126
  }
}

/**
 * Full path of the program that a shell in this folder would run.
 * @throws {CommandNotFoundError} when there is none, or it may not be run.
 */
export function findCommand(name: string, path: string, folder: string): string {
  if (!name.includes('/')) {
    const found = findIn(
      path.split(':').map((part) => resolve(folder, part)),
      name,
    )
    if (found === undefined) throw new CommandNotFoundError(name, 'absent')
    return found
  }
  const file = resolve(folder, name)
  if (isProgram(file)) return file
  const exists = statSync(file, { throwIfNoEntry: false }) !== undefined
  throw new CommandNotFoundError(name, exists ? 'not executable' : 'absent')
}

function findIn(folders: readonly string[], name: string): string | undefined {
  return folders.map((folder) => join(folder === '' ? '.' : folder, name)).find(isProgram)
}

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return statSync(file).isFile()
  } catch {
    return false
  }
}
