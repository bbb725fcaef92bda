import { posix } from 'node:path'
import { floors } from './floors.ts'
import { isTest, type TreeFile, withoutComments } from './tree.ts'

const references = [
  /^\s*(?:import|export)\b[^'"`;]*?\bfrom\s*['"]([^'"]+)['"]/gm,
  /^\s*import\s*['"]([^'"]+)['"]/gm,
  /\bimport\(\s*['"]([^'"]+)['"]/g,
  /\bnew URL\(\s*['"](\.[^'"]+\.ts)['"]/g,
]

/** Every module that the file names: static and dynamic imports, re-exports, worker files. */
export function importsOf(file: TreeFile): string[] {
  const code = withoutComments(file.text)
  return references.flatMap((pattern) => [...code.matchAll(pattern)].map((match) => match[1] ?? ''))
}

/** Each import that goes up, sideways, or from the product into what only tests may use. */
export function findFloorBreaks(files: readonly TreeFile[]): string[] {
  return files.flatMap((file) => {
    const from = roomOf(file.path)
    if (from === undefined) return []
    return importsOf(file).flatMap((name) => {
      if (!name.startsWith('.')) return []
      const path = posix.normalize(posix.join(posix.dirname(file.path), name))
      const reason = objection(file, from, path)
      return reason === undefined ? [] : [`${file.path} imports ${path}: ${reason}`]
    })
  })
}

function objection(file: TreeFile, from: string, path: string): string | undefined {
  const to = roomOf(path)
  if (to === undefined) return path.startsWith('package.json') ? undefined : 'outside of src'
  if (to === from) return undefined
  if (to === 'testing') return isTest(file) ? undefined : 'only tests may use src/testing'
  if (from === 'testing') return undefined
  const [above, below] = [floorOf(from), floorOf(to)]
  if (above === undefined) return `${from} is not on the list of floors`
  if (below === undefined) return `${to} is not on the list of floors`
  if (above === below) return 'rooms on one floor do not know each other'
  return above > below ? 'imports go down only' : undefined
}

/** Counted from the roof. */
function floorOf(room: string): number | undefined {
  const index = floors.findIndex((rooms) => rooms.includes(room))
  return index < 0 ? undefined : index
}

/** The folder of `src/` that a path lies in. */
export function roomOf(path: string): string | undefined {
  return /^src\/([^/]+)\//.exec(path)?.[1]
}
