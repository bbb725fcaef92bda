import { readFileSync } from 'node:fs'
import { type ConfigFile, ConfigInvalidError } from './read-agent-options.ts'

/**
 * The file of options that the user names with --config.
 * @throws {ConfigInvalidError} when it cannot be read.
 */
export function readConfigFile(file: string): ConfigFile {
  try {
    return { file, text: readFileSync(file, 'utf8') }
  } catch (cause) {
    throw new ConfigInvalidError(`${file} cannot be read`, {
      cause,
      hint: 'Name a file that this user may read with --config.',
    })
  }
}
