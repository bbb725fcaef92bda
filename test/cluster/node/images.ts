import { realpathSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { root } from '../../architecture/tree.ts'

/** How an image's programs run on this machine: its files are those of the machine, and the checkout. */
export interface Image {
  readonly entrypoint: readonly string[]
  readonly command: readonly string[]
  readonly user: number
  readonly env?: Readonly<Record<string, string>>
}

/** Where containers see the checkout. */
export const seenCheckout = '/srv'

/** A folder of every container, where programs of node keep compiled code. */
export const seenCache = '/var/cache/node'

/** A folder of every container with a program `meshdns`. */
export const ownFolder = '/app'
export const usualPath = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'

/** What that program is. */
export const launcher = `#!/bin/sh\nexec ${ourProgram().join(' ')} "$@"\n`

const ours = /(^|\/)meshdns(:[^/]*)?(@.*)?$/

/** Ours runs the checkout; all others bring what this machine has, and need a `command`. */
export function imageOf(name: string): Image {
  if (!ours.test(name)) return { entrypoint: [], command: [], user: 0 }
  const env = { NODE_COMPILE_CACHE: seenCache, PATH: `${ownFolder}:${usualPath}` }
  return { entrypoint: ourProgram(), command: [], user: 1337, env }
}

function ourProgram(): readonly string[] {
  return [seenNode(), join(seenCheckout, 'src/cli/main.ts')]
}

/** Where containers see the program that runs us. */
export function seenNode(): string {
  const inside = relative(root, process.execPath)
  return inside.startsWith('..') ? process.execPath : join(seenCheckout, inside)
}

/** Folders that containers see where they are, read-only: what the checkout leads to. */
export function foldersOfPrograms(): readonly string[] {
  const modules = realpathSync(join(root, 'node_modules'))
  const seen = [root, '/usr/', '/opt/', `${modules}/`]
  const isSeen = (path: string) => seen.some((folder) => path.startsWith(folder))
  return [
    ...(modules.startsWith(root) ? [] : [modules]),
    ...(isSeen(process.execPath) ? [] : [dirname(process.execPath)]),
  ]
}
