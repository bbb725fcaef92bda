import { lstatSync, readdirSync, rmdirSync, rmSync } from 'node:fs'
import { dirname } from 'node:path'
import { hasBlock, removeBlock } from './block.ts'
import { lookAt, sha256 } from './compare.ts'
import { resolveInside } from './inside-root.ts'
import { type Installation, InstallRecord, recordFolder } from './install-record.ts'
import type { Before, Entry } from './manifest.ts'
import { PlaceDeniedError, placeBack, placeFile } from './write-place.ts'

/** What was left, and why. */
export interface Kept {
  readonly path: string
  readonly reason: string
}

export interface Removal {
  /** Users that were made for it; still there. */
  readonly accounts: readonly string[]
  readonly removed: readonly string[]
  /** What was there before, and is again. */
  readonly restored: readonly string[]
  readonly kept: readonly Kept[]
  /** Folders that stay because it was asked for; a later call can take them. */
  readonly left: readonly string[]
}

/**
 * Puts everything back as it was before an installation; `undefined` when there is none.
 *
 * What somebody changed since is kept. The record goes last, so that a call that ended half-way can
 * be repeated. `leave` names folders that stay with all that is in them.
 * @throws {PlaceDeniedError} when something cannot be written.
 */
export function removeInstallation(
  root: string,
  installation: Installation,
  leave: readonly string[] = [],
): Removal | undefined {
  const record = new InstallRecord(root, installation)
  const manifest = record.read()
  if (!manifest) return undefined
  const left = manifest.entries.filter(({ path }) => leave.some((folder) => isAround(folder, path)))
  const staying = left.length > 0 ? [...leave, recordFolder.path] : []
  const isLeft = ({ path }: Entry) =>
    staying.some((folder) => isAround(folder, path) || isAround(path, folder))
  const [removed, restored, kept]: [string[], string[], Kept[]] = [[], [], []]
  for (const entry of manifest.entries.filter((one) => !isLeft(one)).toReversed()) {
    if (entry.kind === 'folder' && isAround(entry.path, recordFolder.path)) record.remove()
    const reason = takeAway(root, entry)
    if (reason !== undefined) kept.push({ path: entry.path, reason })
    else if (isThere(root, entry)) restored.push(entry.path)
    else removed.push(entry.path)
  }
  if (left.length > 0) record.write({ ...manifest, entries: manifest.entries.filter(isLeft) })
  else record.remove()
  return {
    accounts: manifest.accounts,
    removed,
    restored,
    kept,
    left: left.map(({ path }) => path),
  }
}

function isThere(root: string, { kind, path }: Entry): boolean {
  return kind !== 'folder' && lookAt(resolveInside(root, path)).kind !== 'nothing'
}

/** The reason why it stays. */
function takeAway(root: string, entry: Entry): string | undefined {
  const file = resolveInside(root, entry.path)
  switch (entry.kind) {
    case 'file':
    case 'link':
      return takeFile(file, entry)
    case 'folder':
      return takeFolder(file, entry.whole)
    case 'block':
      return takeBlock(file, entry)
  }
}

function takeFile(
  file: string,
  entry: Extract<Entry, { kind: 'file' | 'link' }>,
): string | undefined {
  if (!lstatSync(dirname(file), { throwIfNoEntry: false })) return undefined
  const found = lookAt(file)
  if (isEqual(found, entry.before)) return undefined
  if (!isOurs(found, entry)) return 'it was changed since'
  placeBack(file, entry.before)
  return undefined
}

/** One that is gone has not become anybody else's. */
function isOurs(found: Before, entry: Extract<Entry, { kind: 'file' | 'link' }>): boolean {
  switch (found.kind) {
    case 'nothing':
      return true
    case 'link':
      return entry.kind === 'link' && entry.target === found.target
    case 'file':
      return entry.kind === 'file' && entry.sha256 === sha256(Buffer.from(found.octets, 'base64'))
  }
}

function isEqual(a: Before, b: Before): boolean {
  return JSON.stringify(a) === JSON.stringify(b)
}

function takeFolder(folder: string, whole: boolean): string | undefined {
  if (!lstatSync(folder, { throwIfNoEntry: false })?.isDirectory()) return undefined
  try {
    if (whole) rmSync(folder, { recursive: true })
    else if (readdirSync(folder).length === 0) rmdirSync(folder)
    else return 'other things are in it'
    return undefined
  } catch (cause) {
    throw new PlaceDeniedError(folder, cause)
  }
}

function takeBlock(
  file: string,
  { text, newline, made }: Extract<Entry, { kind: 'block' }>,
): string | undefined {
  const found = lookAt(file)
  if (found.kind !== 'file') return undefined
  const { octets, mode, uid, gid } = found
  const whole = Buffer.from(octets, 'base64').toString()
  const rest = removeBlock(whole, text, newline)
  if (rest === undefined)
    return hasBlock(whole) ? 'its lines of ours were changed since' : undefined
  if (made && rest === '') rmSync(file)
  else placeFile(file, rest, { mode, account: process.getuid?.() === 0 ? { uid, gid } : undefined })
  return undefined
}

/** Whether a path leads into a folder, or is it. */
function isAround(folder: string, path: string): boolean {
  return path === folder || path.startsWith(`${folder}/`)
}
