import { lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { join } from 'node:path'

/** Everything below a folder: rights, owners, octets; equal trees have equal pictures. */
export function pictureOf(folder: string): Readonly<Record<string, string>> {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort()
  return Object.fromEntries(names.map((name) => [name, describe(join(folder, name))]))
}

function describe(path: string): string {
  const stats = lstatSync(path)
  const rights = `${(stats.mode & 0o7777).toString(8)} ${stats.uid}:${stats.gid}`
  if (stats.isSymbolicLink()) return `-> ${readlinkSync(path)}`
  if (stats.isDirectory()) return `${rights} folder`
  return `${rights} ${readFileSync(path).toString('base64')}`
}
