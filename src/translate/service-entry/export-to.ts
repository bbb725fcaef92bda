import type { Path } from '../../documents/path.ts'
import { isNamespaceName } from '../object-meta.ts'
import type { EntryContext } from './entry-context.ts'

/** `spec.exportTo`: E19. */
export function checkExportTo(context: EntryContext): readonly string[] {
  const { spec, meta } = context
  const given = spec.exportTo ?? []
  const seen = new Set<string>()
  for (const [index, entry] of given.entries()) {
    const path = ['spec', 'exportTo', index]
    const namespace = entry === '.' ? meta.namespace : entry
    if (seen.has(namespace)) {
      fault(context, path, `${JSON.stringify(entry)} stands here twice`)
    } else if (entry !== '*' && entry !== '~' && !isNamespaceName(namespace)) {
      fault(context, path, `${JSON.stringify(entry)} is not a namespace`)
    } else if ((entry === '*' || entry === '~') && given.length > 1) {
      fault(context, path, `"${entry}" must stand alone`)
    }
    seen.add(namespace)
  }
  return given
}

function fault({ report }: EntryContext, path: Path, message: string): void {
  const hint = 'Write ["*"] for all, ["."] for the own namespace, ["~"] for nobody, or names.'
  report.error({ code: 'E19', path, message, hint })
}
