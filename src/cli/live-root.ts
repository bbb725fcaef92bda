import { realpathSync } from 'node:fs'
import { resolve } from 'node:path'
import { CodedError } from '../base/coded-error.ts'
import { type ProgramWords, programWords } from '../install/packaged.ts'
import { checkReach } from '../install/program-reach.ts'
import type { Invocation, OptionSpec } from './command.ts'
import { UsageError } from './usage-error.ts'

/** Where something is installed: this machine, or a folder that will be a machine's root. */
export interface InstallRoot {
  readonly path: string
  /** Whether it is this machine: services are started, and users made. */
  readonly isLive: boolean
}

/** Only root may change this machine. Nothing was tried. */
export class NotRootError extends CodedError {
  override readonly code = 'CLI_NOT_ROOT'

  constructor() {
    super('only root may install services on this machine', {
      hint: 'Run it with sudo, or write below a folder with --root FOLDER.',
    })
  }
}

export const rootOption: OptionSpec = {
  flags: '--root <folder>',
  summary: 'write below this folder, for an image; nothing is started, and nobody has to be root',
}

export const programOption: OptionSpec = {
  flags: '--program <path>',
  summary:
    'what the unit starts; without it, the program that runs now, with --root /usr/bin/meshdns',
}

/**
 * Where the invocation wants something installed; only to look takes nobody special.
 * @throws {UsageError} when the folder is not there.
 * @throws {NotRootError} when it takes root.
 */
export function installRoot(
  { options }: Invocation,
  { isDry = false }: { readonly isDry?: boolean } = {},
): InstallRoot {
  const named = options.text('root')
  const path = named === undefined ? '/' : realFolder(named)
  const isLive = path === '/'
  if (isLive && !isDry && process.getuid?.() !== 0) throw new NotRootError()
  return { path, isLive }
}

/**
 * How the unit starts the program; nothing for the usual place.
 * @throws {ProgramHiddenError} when the unit could not start it.
 */
export function programOf({ options }: Invocation, root: InstallRoot): ProgramWords | undefined {
  const named = options.text('program')
  if (named !== undefined) return programWords([named])
  if (!root.isLive) return undefined
  const own = [process.execPath, realpathSync(process.argv[1] ?? '')]
  checkReach(own)
  return programWords(own)
}

function realFolder(path: string): string {
  try {
    return realpathSync(resolve(path))
  } catch {
    throw new UsageError(`${path} is not a folder`, { hint: 'Name one that is there with --root.' })
  }
}
