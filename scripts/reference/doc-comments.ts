import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from '../../test/architecture/tree.ts'

/** The one-line doc comments of a file, by the name of the member that follows each. */
export function docCommentsOf(path: string): ReadonlyMap<string, string> {
  const text = readFileSync(join(root, path), 'utf8')
  const comments = text.matchAll(/\/\*\* ([^\n]*) \*\/\n\s*(?:readonly )?(\w+)/g)
  return new Map([...comments].map(([, comment = '', name = '']) => [name, comment]))
}
