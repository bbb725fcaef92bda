import type { Finding } from '../../documents/finding.ts'
import { Report } from '../../documents/report.ts'
import type { MeshObject } from '../mesh-object.ts'

interface UniqueObjects {
  readonly objects: readonly MeshObject[]
  readonly findings: readonly Finding[]
}

/** Objects are told apart by kind, namespace and name; of several alike the first counts. */
export function dropDuplicates(objects: readonly MeshObject[]): UniqueObjects {
  const kept = new Map<string, MeshObject>()
  const findings: Finding[] = []
  for (const object of objects) {
    const { namespace, name, origin, document } = object.meta
    const key = `${object.kind} ${namespace}/${name}`
    const known = kept.get(key)
    if (!known) {
      kept.set(key, object)
      continue
    }
    const report = new Report(document, origin)
    report.warning({
      code: 'DUPLICATE_OBJECT',
      path: ['metadata', 'name'],
      message: `${key} already stands in ${known.meta.origin.file}:${known.meta.origin.line}; this one is ignored`,
      hint: 'Give it a name or namespace of its own, or remove one of them.',
    })
    findings.push(...report.findings)
  }
  return { objects: [...kept.values()], findings }
}
