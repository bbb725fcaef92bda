import type { Settings } from '../config/settings.ts'
import type { Path } from '../documents/path.ts'
import type { PlainMap } from '../documents/plain-map.ts'

/** Everything of these settings but what comes from layers of such a level. */
export function treeWithout({ list }: Settings, level: RegExp): PlainMap {
  const said = list.filter(({ origin }) => !level.test(origin.layer.level))
  return treeOf(said.map(({ path, value }) => ({ path, value })))
}

interface Leaf {
  readonly path: Path
  readonly value: unknown
}

function treeOf(leaves: readonly Leaf[]): PlainMap {
  const keys = new Set(leaves.map(({ path }) => String(path[0])))
  return Object.fromEntries(
    [...keys].map((key) => {
      const below = leaves.filter(({ path }) => String(path[0]) === key)
      const own = below.find(({ path }) => path.length === 1)
      if (own) return [key, own.value]
      return [key, treeOf(below.map(({ path, value }) => ({ path: path.slice(1), value })))]
    }),
  )
}
