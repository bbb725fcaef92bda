import { stringify } from 'yaml'
import type { InstallConfig } from '../../config/install-config.ts'
import { treeWithout } from '../said-tree.ts'

/** What somebody said is written down; defaults and profiles stay where they are. */
const notSaid = /^(built-in|profile .*)$/

/** Everything that was said of an installation, put together, as one IstioOperator. */
export function renderOperator({ settings }: InstallConfig): string {
  const spec = treeWithout(settings, notSaid)
  const operator = { apiVersion: 'install.istio.io/v1alpha1', kind: 'IstioOperator', spec }
  const head =
    '# Written by `meshdns install`, which writes it anew: change the files it was given.\n'
  return head + stringify(operator, { lineWidth: 0, aliasDuplicateObjects: false })
}
