import { open, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { CodedError } from '../../base/coded-error.ts'
import { makeFolder } from '../../base/make-folder.ts'
import type { OnboardingTexts } from './render.ts'

/** Everything that a machine is given, by file name. */
export interface OnboardingFiles extends OnboardingTexts {
  readonly 'root-cert.pem': string
  readonly 'istio-token': string
}

/** Who may read the files is not the same for all: the token is as good as the machine itself. */
const secretFiles: ReadonlySet<string> = new Set(['istio-token'])

/** The folder for a machine's files cannot be written. */
export class OutputFolderError extends CodedError {
  override readonly code = 'INSTALL_OUTPUT_FOLDER'

  constructor(folder: string, cause: unknown) {
    super(`the files cannot be written to ${folder}`, {
      cause,
      hint: 'Name a folder that this user may write with -o FOLDER; it is made when it is missing.',
    })
  }
}

/**
 * Writes the files of a machine; those of an earlier call are replaced, each at once.
 * @throws {OutputFolderError} when the folder cannot be written.
 */
export async function writeOnboardingFiles(folder: string, files: OnboardingFiles): Promise<void> {
  try {
    await makeFolder(folder)
    for (const [name, text] of Object.entries(files)) {
      await replaceFile(join(folder, name), text, secretFiles.has(name) ? 0o600 : 0o644)
    }
  } catch (cause) {
    throw new OutputFolderError(folder, cause)
  }
}

async function replaceFile(file: string, text: string, mode: number): Promise<void> {
  const temporary = `${file}.new`
  await rm(temporary, { force: true })
  const handle = await open(temporary, 'wx', mode)
  try {
    await handle.writeFile(text)
    // A umask may have taken rights that others need.
    await handle.chmod(mode)
  } finally {
    await handle.close()
  }
  await rename(temporary, file)
}
