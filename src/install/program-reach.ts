import { realpathSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { CodedError } from '../base/coded-error.ts'

/** The unit could not start the program that is running now: its user may not read it. */
export class ProgramHiddenError extends CodedError {
  override readonly code = 'INSTALL_PROGRAM_HIDDEN'

  constructor(path: string, reason: string) {
    super(`a service cannot run ${path}: ${reason}`, {
      hint: 'Install meshdns for all users, such as with npm install --global --prefix /usr, and run that one.',
    })
  }
}

/** What the units hide from their programs (ProtectHome=, PrivateTmp=). */
const hidden = ['/home', '/root', '/run/user', '/tmp', '/var/tmp']

/** @throws {ProgramHiddenError} when a service could not read one of the files. */
export function checkReach(files: readonly string[]): void {
  for (const file of files.map((path) => realpathSync(path))) {
    const folder = hidden.find((path) => file.startsWith(`${path}/`))
    if (folder !== undefined) throw new ProgramHiddenError(file, `units do not see ${folder}`)
    for (let path = file; path !== '/'; path = dirname(path)) {
      const needed = path === file ? 0o004 : 0o001
      if ((statSync(path).mode & needed) === 0) {
        throw new ProgramHiddenError(file, `${path} is not for all users`)
      }
    }
  }
}
