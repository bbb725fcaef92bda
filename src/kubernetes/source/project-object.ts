import type { Finding } from '../../documents/finding.ts'
import { isPlainMap, type PlainMap } from '../../documents/plain-map.ts'
import type { MeshObject } from '../../translate/mesh-object.ts'
import { parseValue } from '../../translate/parse-object.ts'
import { clusterDocument } from './cluster-document.ts'
import { neededFields } from './needed-fields.ts'
import type { SourceKind } from './source-kinds.ts'

/** An object of the cluster, checked. */
export interface ClusterObject {
  /** `KIND NAMESPACE/NAME`. */
  readonly key: string
  /** Missing when it is refused; where an equal one is in force it becomes that, so that there is one only. */
  object?: MeshObject
  readonly findings: readonly Finding[]
}

const noFindings: readonly Finding[] = []

/** Checks an object as it came off the wire; nothing of `raw` is kept. */
export function projectObject(
  raw: PlainMap,
  { kind, watched }: SourceKind,
  autoAllocate: boolean,
): ClusterObject {
  const { group, versions } = watched
  const apiVersion = group === '' ? versions[0] : `${group}/${versions[0]}`
  const { namespace = '', name } = isPlainMap(raw['metadata']) ? raw['metadata'] : {}
  const { object, findings } = parseValue(
    neededFields(raw, { kind, apiVersion }),
    clusterDocument,
    {
      defaultNamespace: '',
      autoAllocate,
    },
  )
  return {
    key: `${kind} ${String(namespace)}/${String(name)}`,
    ...(object ? { object } : {}),
    findings: findings.length === 0 ? noFindings : findings,
  }
}
