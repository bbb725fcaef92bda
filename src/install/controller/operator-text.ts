import { stringify } from 'yaml'
import type { InstallConfig } from '../../config/install-config.ts'
import type { Path } from '../../documents/path.ts'

/** What somebody said is written down; defaults and profiles stay where they are. */
const notSaid = /^(built-in|profile .*)$/

/** Everything that was said of an installation, put together, as one IstioOperator. */
export function renderOperator({ settings }: InstallConfig): string {
  const said = settings.list.filter(({ origin }) => !notSaid.test(origin.layer.level))
  const spec = treeOf(said.map(({ path, value }) => ({ path, value })))
  const operator = { apiVersion: 'install.istio.io/v1alpha1', kind: 'IstioOperator', spec }
  const head =
    '# Written by `meshdns install`, which writes it anew: change the files it was given.\n'
  return head + stringify(operator, { lineWidth: 0, aliasDuplicateObjects: false })
}

interface Leaf {
  readonly path: Path
  readonly value: unknown
}

function treeOf(leaves: readonly Leaf[]): Readonly<Record<string, unknown>> {
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
