import { createHash } from 'node:crypto'
import {
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  openSync,
  readFileSync,
  readlinkSync,
} from 'node:fs'
import { dirname, relative } from 'node:path'
import { findOwner } from './accounts-file.ts'
import { insertBlock } from './block.ts'
import { ObstacleError, resolveInside } from './inside-root.ts'
import type { Before, Entry } from './manifest.ts'
import type {
  BlockPlacement,
  FilePlacement,
  FolderPlacement,
  LinkPlacement,
  Placement,
} from './placement.ts'

/** What becomes of one place. */
export type Change = 'created' | 'changed' | 'same'

/** One thing to do, and how to undo it. */
export interface Step {
  readonly placement: Placement
  readonly change: Change
  /** Where it is written. */
  readonly file: string
  /** What the whole file holds then; not for folders. */
  readonly text: string
  /** Missing when nothing is changed. */
  readonly entry?: Entry
}

/** What is kept of a file that we replace. */
const mostOctets = 1 << 20

/**
 * What it takes to put these things below a root, folders that lead to them included. Changes nothing.
 * @throws {ObstacleError} when something else is in the way.
 */
export function compare(root: string, placements: readonly Placement[]): readonly Step[] {
  const folders = new Set<string>()
  return placements.flatMap((placement) => {
    // A link in place of a file of ours is replaced, one to somebody else's file or a folder is followed.
    const isOurs = placement.kind === 'file' || placement.kind === 'link'
    const tail = isOurs ? 'itself' : 'target'
    const file = resolveInside(root, placement.path, tail)
    const parents = missingFolders(root, dirname(file)).filter((path) => !folders.has(path))
    for (const path of [...parents, ...(placement.kind === 'folder' ? [file] : [])])
      folders.add(path)
    const leading = parents.map((path) =>
      folderStep(root, path, { kind: 'folder', path, mode: 0o755 }),
    )
    return [...leading, stepOf(root, file, placement)]
  })
}

function stepOf(root: string, file: string, placement: Placement): Step {
  switch (placement.kind) {
    case 'file':
      return fileStep(root, file, placement)
    case 'link':
      return linkStep(root, file, placement)
    case 'folder':
      return folderStep(root, file, placement)
    case 'block':
      return blockStep(root, file, placement)
  }
}

function fileStep(root: string, file: string, placement: FilePlacement): Step {
  const { text, keep } = placement
  const before = lookAt(file)
  const base = { placement, file, text }
  const change = before.kind === 'nothing' ? 'created' : 'changed'
  if (before.kind === 'file' && (keep || isAsPlaced(root, before, placement))) {
    return { ...base, change: 'same' }
  }
  const entry = { kind: 'file', path: below(root, file), sha256: sha256(text), before } as const
  return { ...base, change, entry }
}

function linkStep(root: string, file: string, placement: LinkPlacement): Step {
  const { target } = placement
  const before = lookAt(file)
  const base = { placement, file, text: '' }
  if (before.kind === 'link' && before.target === target) return { ...base, change: 'same' }
  const change = before.kind === 'nothing' ? 'created' : 'changed'
  return { ...base, change, entry: { kind: 'link', path: below(root, file), target, before } }
}

function isAsPlaced(root: string, before: Before, { text, mode, owner }: FilePlacement): boolean {
  if (before.kind !== 'file' || before.mode !== mode) return false
  if (
    Buffer.from(before.octets, 'base64').toString('latin1') !== Buffer.from(text).toString('latin1')
  )
    return false
  const account = findOwner(root, owner)
  return !account || (account.uid === before.uid && account.gid === before.gid)
}

function folderStep(root: string, file: string, placement: FolderPlacement): Step {
  const base = { placement, file, text: '' }
  const stats = lstatSync(file, { throwIfNoEntry: false })
  if (stats?.isDirectory()) return { ...base, change: 'same' }
  if (stats) throw new ObstacleError(file, 'a folder belongs there')
  const entry = {
    kind: 'folder',
    path: below(root, file),
    whole: placement.whole ?? false,
  } as const
  return { ...base, change: 'created', entry }
}

function blockStep(root: string, file: string, placement: BlockPlacement): Step {
  const before = lookAt(file)
  const found = before.kind === 'file' ? Buffer.from(before.octets, 'base64').toString() : ''
  const { text, newline } = insertBlock(found, placement.text)
  const base = { placement, file, text }
  if (text === found) return { ...base, change: 'same' }
  const made = before.kind === 'nothing'
  const entry = {
    kind: 'block',
    path: below(root, file),
    text: placement.text,
    newline,
    made,
  } as const
  return { ...base, change: made ? 'created' : 'changed', entry }
}

/** @throws {ObstacleError} when it is neither a file nor a link, or too large to be kept. */
export function lookAt(file: string): Before {
  const stats = lstatSync(file, { throwIfNoEntry: false })
  if (!stats) return { kind: 'nothing' }
  if (stats.isSymbolicLink()) return { kind: 'link', target: readlinkSync(file) }
  if (!stats.isFile()) throw new ObstacleError(file, 'a file belongs there')
  return readRegular(file)
}

/**
 * What is kept is put back one day, for its owner to read: it must not come from elsewhere because
 * somebody put a link there meanwhile.
 */
export function readRegular(file: string): Before {
  const handle = openToRead(file)
  try {
    const stats = fstatSync(handle)
    if (!stats.isFile()) throw new ObstacleError(file, 'a file belongs there')
    if (stats.size > mostOctets) {
      throw new ObstacleError(file, `it has more than ${mostOctets} octets`)
    }
    const { uid, gid, mode } = stats
    const octets = readFileSync(handle).toString('base64')
    return { kind: 'file', octets, mode: mode & 0o7777, uid, gid }
  } finally {
    closeSync(handle)
  }
}

function openToRead(file: string): number {
  const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = constants
  try {
    return openSync(file, O_RDONLY | O_NOFOLLOW | O_NONBLOCK)
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'ELOOP') throw cause
    throw new ObstacleError(file, 'it became a link just now', cause)
  }
}

export function sha256(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex')
}

/** Outermost first. */
function missingFolders(root: string, folder: string): readonly string[] {
  const stats = lstatSync(folder, { throwIfNoEntry: false })
  if (stats?.isDirectory()) return []
  if (stats) throw new ObstacleError(folder, 'a folder belongs there')
  return [...(folder === root ? [] : missingFolders(root, dirname(folder))), folder]
}

/** As the machine sees it. */
function below(root: string, file: string): string {
  return `/${relative(root, file)}`
}
