import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** What a unit that is installed below a root says of its service, as far as a start depends on it. */
export interface InstalledUnit {
  readonly user: string
  readonly group: string
  /** As `setpriv` spells them. */
  readonly ambientCapabilities: readonly string[]
  readonly boundingCapabilities: readonly string[]
  readonly noNewPrivileges: boolean
  readonly umask: string
  readonly stateFolder: string
  readonly stateFolderMode: number
  /** `NAME=value`. */
  readonly environment: readonly string[]
  /** In order: later ones count more. */
  readonly environmentFiles: readonly EnvironmentFile[]
  readonly start: readonly string[]
  readonly afterStop: readonly string[]
}

export interface EnvironmentFile {
  readonly path: string
  readonly mayBeMissing: boolean
}

/** Reads a unit and what is added to it in `NAME.d`, as systemd does (systemd.unit(5)). */
export function readInstalledUnit(root: string, name: string): InstalledUnit {
  const file = join(root, 'etc/systemd/system', name)
  const folder = `${file}.d`
  const files = [file, ...namesIn(folder).map((addition) => join(folder, addition))]
  const settings = new Map<string, string[]>()
  for (const text of files.map((path) => readFileSync(path, 'utf8'))) addService(settings, text)
  const all = (key: string) => settings.get(key) ?? []
  const last = (key: string) => {
    const value = all(key).at(-1)
    if (value === undefined) throw new Error(`${name} says no ${key}`)
    return value
  }
  return {
    user: last('User'),
    group: last('Group'),
    ambientCapabilities: capabilities(last('AmbientCapabilities')),
    boundingCapabilities: capabilities(last('CapabilityBoundingSet')),
    noNewPrivileges: last('NoNewPrivileges') === 'yes',
    umask: last('UMask'),
    stateFolder: `/var/lib/${last('StateDirectory')}`,
    stateFolderMode: Number.parseInt(last('StateDirectoryMode'), 8),
    environment: all('Environment'),
    environmentFiles: all('EnvironmentFile').map((value) => ({
      path: value.replace(/^-/, ''),
      mayBeMissing: value.startsWith('-'),
    })),
    start: last('ExecStart').split(' '),
    afterStop: all('ExecStopPost').at(-1)?.split(' ') ?? [],
  }
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder).sort()
  } catch {
    return []
  }
}

/** An empty value forgets those before it, where there may be several. */
function addService(settings: Map<string, string[]>, text: string): void {
  let section = ''
  for (const line of text.split('\n')) {
    const [, heading] = /^\[(.+)\]$/.exec(line) ?? []
    section = heading ?? section
    const [, key, value] = /^(\w+)=(.*)$/.exec(line) ?? []
    if (section !== 'Service' || key === undefined || value === undefined) continue
    const isList = key.startsWith('Exec') || key.startsWith('Environment')
    if (isList && value === '') settings.delete(key)
    else settings.set(key, [...(settings.get(key) ?? []), value])
  }
}

function capabilities(value: string): readonly string[] {
  const names = value.split(' ').filter((name) => name !== '')
  return names.map((name) => name.toLowerCase().replace(/^cap_/, ''))
}
