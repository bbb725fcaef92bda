import { valueAt } from '../config/layer.ts'
import { readProxyAnnotation } from '../config/proxy-annotation.ts'
import type { ObjectDocument } from '../documents/documents.ts'
import type { Path } from '../documents/path.ts'
import { isPlainMap, mapAt, type PlainMap, textAt } from '../documents/plain-map.ts'
import { type InjectionOutcome, injectPod } from './inject-pod.ts'
import type { InjectionMesh } from './injection-mesh.ts'

/** Where objects of a kind hold the pod that they make, or are. */
const templates: Readonly<Record<string, Path>> = {
  Pod: [],
  Deployment: ['spec', 'template'],
  ReplicaSet: ['spec', 'template'],
  ReplicationController: ['spec', 'template'],
  StatefulSet: ['spec', 'template'],
  DaemonSet: ['spec', 'template'],
  Job: ['spec', 'template'],
  CronJob: ['spec', 'jobTemplate', 'spec', 'template'],
}

export type ObjectOutcome =
  /** It makes no pods. */
  | { readonly kind: 'other' }
  | Exclude<InjectionOutcome, { readonly kind: 'injected' }>
  | { readonly kind: 'injected'; readonly object: PlainMap; readonly warnings: readonly string[] }

/** An object of a file with an agent in the pods that it makes, whatever its namespace says of injection. */
export function injectObject(
  document: ObjectDocument,
  { mesh, defaultNamespace }: { readonly mesh: InjectionMesh; readonly defaultNamespace: string },
): ObjectOutcome {
  const { value } = document
  const kind = textAt(value, 'kind')
  const path = Object.hasOwn(templates, kind) ? templates[kind] : undefined
  const pod = path && valueAt(value, path)
  if (!path || !isPlainMap(pod) || !isPlainMap(value)) return { kind: 'other' }
  const metadata = mapAt(value, 'metadata')
  const namespace = textAt(metadata, 'namespace') || defaultNamespace
  const name = textAt(metadata, 'name')
  const annotations = [...path, 'metadata', 'annotations']
  const outcome = injectPod({
    pod,
    namespace,
    mesh,
    ...(kind === 'Pod'
      ? {}
      : { workload: { apiVersion: textAt(value, 'apiVersion'), kind, name } }),
    readAnnotation: () => readProxyAnnotation(document, annotations, { kind, namespace, name }),
  })
  if (outcome.kind !== 'injected') return outcome
  return { ...outcome, object: replaceAt(value, path, outcome.pod) }
}

function replaceAt(map: PlainMap, [key, ...rest]: Path, value: PlainMap): PlainMap {
  if (key === undefined) return value
  return { ...map, [key]: replaceAt(mapAt(map, String(key)), rest, value) }
}
