import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseEnv } from 'node:util'

/** What systemd would run for a unit. */
export interface UnitCommand {
  readonly argv: readonly string[]
  readonly env: NodeJS.ProcessEnv
}

/**
 * How a unit of an image starts its program, drop-ins included (systemd.unit(5)): of the settings
 * only the command and its environment.
 */
export function readUnitCommand(image: string, unit: string): UnitCommand {
  const file = join(image, 'etc/systemd/system', unit)
  const dropIns = existsSync(`${file}.d`) ? readdirSync(`${file}.d`).sort() : []
  let argv: readonly string[] = []
  let env: NodeJS.ProcessEnv = {}
  for (const path of [file, ...dropIns.map((name) => join(`${file}.d`, name))]) {
    for (const [, key, value = ''] of readFileSync(path, 'utf8').matchAll(/^(\w+)=(.*)$/gm)) {
      if (key === 'ExecStart') argv = value.split(' ')
      if (key === 'Environment') env = { ...env, ...parseEnv(value) }
      if (key === 'EnvironmentFile') env = { ...env, ...readEnvironment(image, value) }
    }
  }
  return { argv, env }
}

/** A file with a `-` before it may be missing. */
function readEnvironment(image: string, name: string): NodeJS.ProcessEnv {
  const file = join(image, name.replace(/^-/, ''))
  return name.startsWith('-') && !existsSync(file) ? {} : parseEnv(readFileSync(file, 'utf8'))
}
