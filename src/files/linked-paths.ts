import { readlink } from 'node:fs/promises'
import { dirname, join, parse, resolve, sep } from 'node:path'

/** As many as Linux follows. */
const maxLinks = 40

/**
 * Every path whose change can change what the path leads to: each symbolic link on the way, be it a
 * folder or the file, then the real path. The last one need not exist.
 */
export async function linkedPaths(path: string): Promise<readonly string[]> {
  const absolute = resolve(path)
  const links: string[] = []
  let at = parse(absolute).root
  let names = absolute.slice(at.length).split(sep)
  for (let [name, ...rest] = names; name !== undefined; [name, ...rest] = names) {
    const next = name === '..' ? dirname(at) : join(at, name)
    const target = await readlink(next).catch(() => undefined)
    names = rest
    if (target === undefined || links.length >= maxLinks) {
      at = next
      continue
    }
    links.push(next)
    const { root } = parse(target)
    if (root !== '') at = root
    names = [...target.slice(root.length).split(sep), ...rest].filter((part) => part !== '')
  }
  return [...links, at]
}
