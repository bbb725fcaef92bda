import type { Finding } from '../../documents/finding.ts'
import { asMap, isPlainMap, type PlainMap } from '../../documents/plain-map.ts'
import { sliceServiceLabel } from '../../translate/kubernetes/endpoint-slice.ts'
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
  /** `NAME.NAMESPACE` of the Service whose names nobody can tell now that the object is refused. */
  readonly unknownService?: string
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
  const meta = asMap(raw['metadata'])
  const { namespace = '', name } = meta
  const fields = neededFields(raw, { kind, apiVersion })
  const options = { defaultNamespace: '', autoAllocate }
  const { object, findings } = parseValue(fields, clusterDocument, options)
  const service = object ? undefined : serviceOf(kind, meta)
  return {
    key: `${kind} ${String(namespace)}/${String(name)}`,
    ...(object ? { object } : {}),
    ...(service === undefined ? {} : { unknownService: `${service}.${String(namespace)}` }),
    findings: findings.length === 0 ? noFindings : findings,
  }
}

/** The Service that an object says something of. */
function serviceOf(kind: string, { name, labels }: PlainMap): string | undefined {
  if (kind === 'Service') return String(name)
  if (kind !== 'EndpointSlice' || !isPlainMap(labels)) return undefined
  const service = labels[sliceServiceLabel]
  return typeof service === 'string' && service !== '' ? service : undefined
}
