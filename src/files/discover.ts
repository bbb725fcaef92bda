import type { Dirent } from 'node:fs'
import { readdir, realpath, stat } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import type { Finding } from '../documents/finding.ts'
import { accessFinding, emptyFolder } from './file-finding.ts'
import { linkedPaths } from './linked-paths.ts'

export interface Discovered {
  /** Files to read, as their paths were given, each once and in order. */
  readonly files: readonly string[]
  /** Everything whose change can change this result or a file's content. */
  readonly watched: ReadonlySet<string>
  /** Files that no link leads to, by their absolute paths: a change of one is a change of it alone. */
  readonly plain: ReadonlyMap<string, string>
  /** About paths and folders; those about what could not be read are errors. */
  readonly findings: readonly Finding[]
}

interface Discovery {
  readonly files: Map<string, string>
  readonly watched: Set<string>
  readonly plain: Map<string, string>
  /** What links are, and what they lead to. */
  readonly linked: Set<string>
  readonly findings: Finding[]
  /** Real paths, so that a link in a circle ends. */
  readonly entered: Set<string>
}

/**
 * Finds the files of configuration: those named, and in folders, at any depth and in the order of
 * their names, everything that ends in `.yaml`, `.yml` or `.json` and is not hidden. Nothing is said
 * about those that may be empty.
 */
export async function discover(
  paths: readonly string[],
  mayBeEmpty: readonly string[] = [],
): Promise<Discovered> {
  const discovery: Discovery = {
    files: new Map(),
    watched: new Set(),
    plain: new Map(),
    linked: new Set(),
    findings: [],
    entered: new Set(),
  }
  for (const path of paths) await enter(path, mayBeEmpty.includes(path), discovery)
  const { files, watched, plain, linked, findings } = discovery
  for (const path of linked) plain.delete(path)
  return { files: [...files.values()], watched, plain, findings }
}

/** Whether a file in a folder holds objects. */
export function isConfigName(name: string): boolean {
  return /\.(ya?ml|json)$/.test(name)
}

async function enter(path: string, mayBeEmpty: boolean, discovery: Discovery): Promise<void> {
  await followLinks(path, discovery)
  try {
    if (!(await stat(path)).isDirectory()) addFile(path, resolve(path), discovery)
    else if (!(await enterFolder(path, discovery)) && !mayBeEmpty)
      discovery.findings.push(emptyFolder(path))
  } catch (error) {
    discovery.findings.push(accessFinding(path, error))
  }
}

/** Whether there was any file in it. */
async function enterFolder(folder: string, discovery: Discovery): Promise<boolean> {
  const real = await realpath(folder)
  if (discovery.entered.has(real)) return true
  discovery.entered.add(real)
  discovery.watched.add(real)
  let found = false
  const entries = await readdir(folder, { withFileTypes: true })
  for (const entry of entries.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
    if (entry.name.startsWith('.')) continue
    const place = { path: join(folder, entry.name), real: join(real, entry.name) }
    if (await enterEntry(place, entry, discovery)) found = true
  }
  return found
}

async function enterEntry(
  { path, real }: { readonly path: string; readonly real: string },
  entry: Dirent,
  discovery: Discovery,
): Promise<boolean> {
  const isConfig = isConfigName(entry.name)
  try {
    const linked = entry.isSymbolicLink()
    if (linked) await followLinks(path, discovery)
    const isFolder = linked ? (await stat(path)).isDirectory() : entry.isDirectory()
    if (isFolder) return await enterFolder(path, discovery)
    if (isConfig) addFile(path, real, discovery)
  } catch (error) {
    if (isConfig || entry.isDirectory()) discovery.findings.push(accessFinding(path, error))
  }
  return isConfig
}

async function followLinks(path: string, { watched, linked }: Discovery): Promise<void> {
  const paths = await linkedPaths(path)
  for (const one of paths) watched.add(one)
  if (paths.length > 1) for (const one of paths) linked.add(one)
}

/** `real` is where the file is, if it is not linked. */
function addFile(path: string, real: string, { files, plain, linked }: Discovery): void {
  const absolute = resolve(path)
  const file = files.get(absolute) ?? path
  files.set(absolute, file)
  if (plain.has(real) && plain.get(real) !== file) linked.add(real)
  plain.set(real, file)
}
