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
  /** About paths and folders; those about what could not be read are errors. */
  readonly findings: readonly Finding[]
}

interface Discovery {
  readonly files: Map<string, string>
  readonly watched: Set<string>
  readonly findings: Finding[]
  /** Real paths, so that a link in a circle ends. */
  readonly entered: Set<string>
}

/**
 * Finds the files of configuration: those named, and in folders, at any depth and in the order of
 * their names, everything that ends in `.yaml`, `.yml` or `.json` and is not hidden.
 */
export async function discover(paths: readonly string[]): Promise<Discovered> {
  const discovery: Discovery = {
    files: new Map(),
    watched: new Set(),
    findings: [],
    entered: new Set(),
  }
  for (const path of paths) await enter(path, discovery)
  const { files, watched, findings } = discovery
  return { files: [...files.values()], watched, findings }
}

async function enter(path: string, discovery: Discovery): Promise<void> {
  for (const one of await linkedPaths(path)) discovery.watched.add(one)
  try {
    if (!(await stat(path)).isDirectory()) addFile(path, discovery)
    else if (!(await enterFolder(path, discovery))) discovery.findings.push(emptyFolder(path))
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
    if (await enterEntry(join(folder, entry.name), entry, discovery)) found = true
  }
  return found
}

async function enterEntry(path: string, entry: Dirent, discovery: Discovery): Promise<boolean> {
  const isConfig = /\.(ya?ml|json)$/.test(entry.name)
  try {
    const linked = entry.isSymbolicLink()
    if (linked) for (const one of await linkedPaths(path)) discovery.watched.add(one)
    const isFolder = linked ? (await stat(path)).isDirectory() : entry.isDirectory()
    if (isFolder) return await enterFolder(path, discovery)
    if (isConfig) addFile(path, discovery)
  } catch (error) {
    if (isConfig || entry.isDirectory()) discovery.findings.push(accessFinding(path, error))
  }
  return isConfig
}

function addFile(path: string, { files }: Discovery): void {
  const absolute = resolve(path)
  if (!files.has(absolute)) files.set(absolute, path)
}
