import type { Report } from '../../documents/report.ts'
import type { ObjectMeta } from '../mesh-object.ts'
import { isNamespaceName } from '../object-meta.ts'

const key = 'networking.istio.io/exportTo'

/** Who may see a Service, as its annotation says: a list with commas. Bad entries are left out. */
export function readExportTo({ annotations }: ObjectMeta, report: Report): readonly string[] {
  const entries = (annotations.get(key) ?? '').split(',').map((entry) => entry.trim())
  return entries.filter((entry) => {
    if (entry === '') return false
    if (['*', '.', '~'].includes(entry) || isNamespaceName(entry)) return true
    report.warning({
      code: 'EXPORT_TO',
      path: ['metadata', 'annotations', key],
      message: `${JSON.stringify(entry)} is not a namespace; it is ignored`,
      hint: 'Write "*" for all, "." for the own namespace, "~" for nobody, or names with commas.',
    })
    return false
  })
}
