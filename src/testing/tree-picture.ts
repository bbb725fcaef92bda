import { lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { join } from 'node:path'

/** Everything below a folder: rights, owners, octets; equal trees have equal pictures. */
export function pictureOf(folder: string): Readonly<Record<string, string>> {
  return Object.fromEntries(pathsBelow(folder).map((path) => [path, describe(join(folder, path))]))
}

/** Paths of everything below a folder, in order; links are not followed. */
export function pathsBelow(folder: string): readonly string[] {
  const entries = readdirSync(folder, { withFileTypes: true })
  return entries
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const inner = entry.isDirectory() ? pathsBelow(join(folder, entry.name)) : []
      return [entry.name, ...inner.map((path) => join(entry.name, path))]
    })
}

function describe(path: string): string {
  const stats = lstatSync(path)
  const rights = `${(stats.mode & 0o7777).toString(8)} ${stats.uid}:${stats.gid}`
  if (stats.isSymbolicLink()) return `-> ${readlinkSync(path)}`
  if (stats.isDirectory()) return `${rights} folder`
  return `${rights} ${readFileSync(path).toString('base64')}`
}
