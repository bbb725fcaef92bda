import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { compileCache, programInHost } from '../network/mesh-network.ts'

/** Users of ours by number: the first is Istio's. */
const accounts: Readonly<Record<string, number>> = { meshdns: 1337, 'meshdns-controller': 1338 }

/** What programs need of /etc, wherever it is there. */
const borrowed =
  'passwd group nsswitch.conf alternatives ld.so.cache ld.so.conf ld.so.conf.d services protocols iproute2 xtables ethertypes'

/** Folders that a machine has of its own; the others are those of the machine that tests run on. */
export const ownFolders = ['etc', 'var', 'run'] as const

/** Where units find the program, as `--program` says. */
export const machineProgram = '/var/opt/meshdns/meshdns'

/** The folder that is a machine's root: an image that things are installed into, then booted. */
export class MachineRoot {
  readonly path: string

  constructor(path: string) {
    this.path = path
    for (const folder of ownFolders) mkdirSync(join(path, folder), { recursive: true })
    chmodSync(path, 0o755)
    for (const name of borrowed.split(' ')) {
      const from = join('/etc', name)
      if (existsSync(from))
        cpSync(from, this.file(from), { recursive: true, verbatimSymlinks: true })
    }
    mkdirSync(this.file('/var/lib'))
    symlinkSync('/run', this.file('/var/run'))
    // Bind mounts need a place.
    for (const name of ['resolv.conf', 'hosts']) this.write(`/etc/${name}`, '')
    this.#placeProgram()
  }

  /** Where a path of the machine lies. */
  file(path: string): string {
    return join(this.path, path.replace(/^\/var\/run\//, '/run/'))
  }

  read(path: string): string {
    return readFileSync(this.file(path), 'utf8')
  }

  write(path: string, text: string): void {
    mkdirSync(dirname(this.file(path)), { recursive: true })
    writeFileSync(this.file(path), text)
  }

  /** Puts a whole file in place at once, as careful programs do. */
  replace(path: string, text: string): void {
    writeFileSync(`${this.file(path)}.new`, text)
    renameSync(`${this.file(path)}.new`, this.file(path))
  }

  remove(path: string): void {
    rmSync(this.file(path), { recursive: true, force: true })
  }

  /** What systemd does before services: /run is empty, then users, and files that do not last. */
  boot(): void {
    this.remove('/run')
    mkdirSync(this.file('/run'))
    for (const text of this.#texts('/etc/sysusers.d')) this.#makeUsers(text)
    for (const text of this.#texts('/etc/tmpfiles.d')) this.#makeFiles(text)
  }

  /** Makes a service's folder, and gives it and all in it to the service (StateDirectory=). */
  makeStateFolder(path: string, { user, mode }: { readonly user: string; readonly mode: number }) {
    const folder = this.file(path)
    mkdirSync(folder, { recursive: true })
    chmodSync(folder, mode)
    const id = idOf(user)
    execFileSync('chown', ['--recursive', `${id}:${id}`, folder])
  }

  #placeProgram(): void {
    const folders = [0, ...Object.values(accounts)].map(
      (id) => `${id}) cache=${compileCache(id)};;`,
    )
    const script = [
      '#!/bin/sh',
      `case $(id -u) in ${folders.join(' ')} esac`,
      `NODE_COMPILE_CACHE=$cache exec ${programInHost().join(' ')} "$@"`,
    ]
    this.write(machineProgram, `${script.join('\n')}\n`)
    chmodSync(this.file(machineProgram), 0o755)
  }

  #texts(folder: string): readonly string[] {
    if (!existsSync(this.file(folder))) return []
    return readdirSync(this.file(folder)).map((name) => this.read(join(folder, name)))
  }

  /** sysusers.d(5), as far as our files go. */
  #makeUsers(text: string): void {
    for (const [, name = '', home = '/'] of text.matchAll(/^u (\S+) - ".*" (\S+)$/gm)) {
      const id = idOf(name)
      const known = this.read('/etc/passwd')
      if (known.includes(`\n${name}:`)) continue
      this.write('/etc/passwd', `${known}${name}:x:${id}:${id}::${home}:/usr/sbin/nologin\n`)
      this.write('/etc/group', `${this.read('/etc/group')}${name}:x:${id}:\n`)
    }
  }

  /** tmpfiles.d(5), as far as our files go. */
  #makeFiles(text: string): void {
    const line = /^([dzC]) (\S+) (\d+) (\S+) \S+ -(?: (\S+))?$/gm
    for (const [, kind, path = '', mode = '', user = '', from = ''] of text.matchAll(line)) {
      const file = this.file(path)
      if (kind === 'd') mkdirSync(file, { recursive: true })
      if (kind === 'C' && !existsSync(file)) cpSync(this.file(from), file)
      chmodSync(file, Number.parseInt(mode, 8))
      chownSync(file, idOf(user), idOf(user))
    }
  }
}

function idOf(user: string): number {
  const id = user === 'root' ? 0 : accounts[user]
  if (id === undefined) throw new Error(`an unknown user: ${user}`)
  return id
}
