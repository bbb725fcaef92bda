import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readlinkSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { ownWords } from '../own-programs.ts'

/** What a machine has of its own; everything else of its root folder is of the machine below. */
const ownFolders = ['etc', 'root', 'run', 'tmp', 'var']

/** Files that programs of the machine below may need, and that say nothing about it. */
const sharedFiles = ['/etc/ld.so.cache', '/etc/alternatives']

/** Makes a folder that a machine can have as its root: files of its own, and no programs yet. */
export function makeMachineRoot(root: string, resolvConf: string): void {
  for (const folder of [...ownFolders, 'run/cache'])
    mkdirSync(join(root, folder), { recursive: true })
  const files = {
    'etc/hosts': '127.0.0.1 localhost\n::1 localhost\n',
    'etc/nsswitch.conf': 'hosts: files dns\n',
    'etc/passwd': 'root:x:0:0:root:/root:/bin/sh\n',
    'etc/group': 'root:x:0:\n',
    'etc/resolv.conf': resolvConf,
    // As on a terminal: curl prints no progress then.
    'root/.curlrc': 'silent\nshow-error\n',
  }
  for (const [file, text] of Object.entries(files)) writeFileSync(join(root, file), text)
  writeOwnPrograms(join(root, 'run/bin'))
}

/** Where a PATH of the demo finds programs of ours. */
export function writeOwnPrograms(folder: string): void {
  mkdirSync(folder, { recursive: true })
  for (const [word, argv] of ownWords) {
    const quoted = argv.map((one) => `'${one}'`).join(' ')
    writeFileSync(join(folder, word), `#!/bin/sh\nexec ${quoted} "$@"\n`)
    chmodSync(join(folder, word), 0o755)
  }
}

/** A folder or file of the machine below, and where a machine sees it. */
export interface Binding {
  readonly from: string
  readonly to: string
}

/**
 * Prepares a root for the programs of the machine below; what is still to be mounted, which hides
 * what lies there, and only for who is in the mount namespace of the machine.
 *
 * `visible` is seen as well, should it lie in a folder that machines have of their own.
 */
export function bindingsOf(root: string, visible: readonly string[]): readonly Binding[] {
  const bindings: Binding[] = []
  const bind = (from: string) => {
    const to = join(root, from)
    mkdirSync(lstatSync(from).isDirectory() ? to : join(to, '..'), { recursive: true })
    if (!existsSync(to)) writeFileSync(to, '')
    bindings.push({ from, to })
  }
  for (const name of readdirSync('/').filter((one) => !ownFolders.includes(one))) {
    const entry = `/${name}`
    const kind = lstatSync(entry)
    if (kind.isSymbolicLink()) symlinkSync(readlinkSync(entry), join(root, name))
    else if (kind.isDirectory() && !root.startsWith(`${entry}/`)) bind(entry)
  }
  const isOwn = (path: string) => ownFolders.some((name) => path.startsWith(`/${name}/`))
  for (const path of [...sharedFiles, ...visible]) if (isOwn(path) && existsSync(path)) bind(path)
  return bindings
}
