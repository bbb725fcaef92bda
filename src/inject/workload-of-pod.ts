import { isPlainMap, mapAt, textAt } from '../documents/plain-map.ts'
import { labelsOf, type Pod } from './pod-parts.ts'

/** What a pod was made from, for people: its Deployment rather than its ReplicaSet. */
export interface Workload {
  readonly apiVersion: string
  readonly kind: string
  readonly name: string
}

/** By the pod's owner, as its name tells (Istio: `ISTIO_META_WORKLOAD_NAME`); the pod itself when it has none. */
export function workloadOfPod(pod: Pod): Workload {
  const metadata = mapAt(pod, 'metadata')
  const owners = metadata['ownerReferences']
  const owner: unknown = (Array.isArray(owners) ? owners : []).find(
    (one) => isPlainMap(one) && one['controller'] === true,
  )
  if (!isPlainMap(owner)) {
    const name = textAt(metadata, 'name') || textAt(metadata, 'generateName').replace(/-$/, '')
    return { apiVersion: 'v1', kind: 'Pod', name }
  }
  const found = {
    apiVersion: textAt(owner, 'apiVersion'),
    kind: textAt(owner, 'kind'),
    name: textAt(owner, 'name'),
  }
  const hash = labelsOf(pod).get('pod-template-hash') ?? ''
  if (found.kind === 'ReplicaSet' && hash !== '' && found.name.endsWith(`-${hash}`)) {
    return { ...found, kind: 'Deployment', name: found.name.slice(0, -hash.length - 1) }
  }
  // A CronJob's job has the minute at its end.
  const [, cron] = /^(.+)-\d{8,10}$/.exec(found.name) ?? []
  if (found.kind === 'Job' && cron !== undefined) {
    return { ...found, kind: 'CronJob', name: cron }
  }
  return found
}

/** As Istio writes it: `kubernetes://apis/apps/v1/namespaces/shop/deployments/cart`. */
export function ownerUrl({ apiVersion, kind, name }: Workload, namespace: string): string {
  return `kubernetes://apis/${apiVersion}/namespaces/${namespace}/${kind.toLowerCase()}s/${name}`
}
