import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseEnv } from 'node:util'
import { type EnvironmentFile, readInstalledUnit } from '../../../install/installed-unit.ts'

/** What systemd would run for a unit. */
export interface UnitCommand {
  readonly argv: readonly string[]
  readonly env: NodeJS.ProcessEnv
}

/** How a unit below a root starts its program: the command and its environment. */
export function readUnitCommand(root: string, unit: string): UnitCommand {
  const { start, environment, environmentFiles } = readInstalledUnit(root, unit)
  const env = [
    ...environment.map(parseEnv),
    ...environmentFiles.map((file) => readEnvironment(root, file)),
  ]
  return { argv: start, env: Object.assign({}, ...env) as NodeJS.ProcessEnv }
}

function readEnvironment(root: string, { path, mayBeMissing }: EnvironmentFile) {
  const file = join(root, path)
  return mayBeMissing && !existsSync(file) ? {} : parseEnv(readFileSync(file, 'utf8'))
}
