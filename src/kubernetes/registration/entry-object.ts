import { isPlainMap, mapsAt, type PlainMap } from '../../documents/plain-map.ts'
import { RegisteredEntry, registration } from '../../translate/registration/registered-entry.ts'
import type { EntryReference } from '../../translate/registration/workload-entry-store.ts'

/** Where the controller lives that looks after an entry: that of another namespace is none of ours. */
export const controllerNamespace = 'meshdns.io/controller-namespace'

/** Those by which controllers tell each other how things stand. */
const shared = [
  registration.controller,
  registration.connectedAt,
  registration.disconnectedAt,
  registration.healthChecked,
  controllerNamespace,
]

/** An entry of the cluster that somebody registered; `undefined` when it is none, or none that can be. */
export function readEntry(raw: PlainMap): RegisteredEntry | undefined {
  const { metadata, spec, status } = raw
  if (!isPlainMap(metadata) || !isPlainMap(metadata['annotations'])) return undefined
  if (metadata['annotations'][registration.group] === undefined) return undefined
  const { name, namespace, creationTimestamp, labels, annotations, ownerReferences } = metadata
  const owners = Array.isArray(ownerReferences) ? ownerReferences.filter(isGroup) : []
  const health = mapsAt(status, 'conditions').filter(isHealth)
  return RegisteredEntry.safeParse({
    apiVersion: 'networking.istio.io/v1',
    kind: 'WorkloadEntry',
    metadata: {
      name,
      namespace,
      creationTimestamp,
      annotations,
      labels: labels ?? {},
      ownerReferences: owners.map((one) => ({
        apiVersion: String(one['apiVersion']),
        kind: 'WorkloadGroup',
        name: String(one['name']),
        controller: true,
      })),
    },
    spec,
    ...(health.length > 0 ? { status: { conditions: health.map(conditionOf) } } : {}),
  }).data
}

/** What a new object is made from; `uid` is that of its group. */
export function bodyOf(
  { metadata, spec, kind }: RegisteredEntry,
  { apiVersion, uid }: { readonly apiVersion: string; readonly uid: string },
): PlainMap {
  const { name, namespace, labels, annotations, ownerReferences } = metadata
  const owners = ownerReferences.map((owner) => ({ ...owner, apiVersion, uid }))
  return {
    apiVersion,
    kind,
    metadata: { name, namespace, labels, annotations, ownerReferences: owners },
    spec,
  }
}

/** A merge patch that makes the controllers' annotations those of the entry; `undefined` when they are. */
export function annotationsPatch(
  current: RegisteredEntry,
  { metadata }: RegisteredEntry,
): Readonly<Record<string, string | null>> | undefined {
  const { annotations: before } = current.metadata
  const { annotations } = metadata
  const different = shared.filter((key) => annotations[key] !== before[key])
  if (different.length === 0) return undefined
  return Object.fromEntries(different.map((key) => [key, annotations[key] ?? null]))
}

/** The conditions of an object with that of the entry in place of its own; `undefined` when nothing is different. */
export function conditionsOf(
  raw: PlainMap,
  entry: RegisteredEntry,
): readonly unknown[] | undefined {
  const [wanted] = entry.status?.conditions ?? []
  if (!wanted) return undefined
  const all = mapsAt(raw['status'], 'conditions')
  const known = all.find(isHealth)
  if (known?.['status'] === wanted.status && known['message'] === wanted.message) return undefined
  return [...all.filter((one) => !isHealth(one)), wanted]
}

export function referenceOf({ metadata }: RegisteredEntry): EntryReference {
  return { namespace: metadata.namespace, name: metadata.name }
}

function isGroup(value: unknown): value is PlainMap {
  return isPlainMap(value) && value['kind'] === 'WorkloadGroup'
}

function isHealth(condition: PlainMap): boolean {
  return condition['type'] === 'Healthy'
}

function conditionOf({ type, status, lastTransitionTime, message }: PlainMap): PlainMap {
  return { type, status, lastTransitionTime, ...(message === undefined ? {} : { message }) }
}
