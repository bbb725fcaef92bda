import { mapsAt, textAt } from '../../../documents/plain-map.ts'
import { ApiFailure } from '../../../kubernetes/client/api-failure.ts'
import type { ClusterClient } from '../../../kubernetes/client/cluster-client.ts'
import { metadataOf } from '../object.ts'
import { listAll, placeOf } from './listed-objects.ts'

/** What every namespace has by itself, or what goes with other objects. */
const byItself = [
  /^configmaps\/(kube-root-ca\.crt|openshift-service-ca\.crt|istio-ca-root-cert)$/,
  /^serviceaccounts\/(default|builder|deployer)$/,
  /^(events|endpoints|endpointslices|controllerrevisions)\//,
  /^(bindings|localsubjectaccessreviews|podmetrics)\//,
]

/** Everything in a namespace that somebody put there, as `PLURAL/NAME`; of every kind that the cluster has. */
export async function namespaceContents(
  client: ClusterClient,
  namespace: string,
): Promise<readonly string[]> {
  const found: string[] = []
  for (const root of await apiRoots(client)) {
    for (const plural of await listedKinds(client, root)) {
      const path = `${root}/namespaces/${encodeURIComponent(namespace)}/${plural}`
      for (const item of await listAll(client, path, {}).catch(passOver)) {
        // It goes by itself when what owns it is gone.
        if (metadataOf(item)['deletionTimestamp'] !== undefined) continue
        if (metadataOf(item)['ownerReferences'] !== undefined) continue
        found.push(`${plural}/${placeOf(item).name}`)
      }
    }
  }
  const others = found.filter((name) => !byItself.some((pattern) => pattern.test(name)))
  return [...new Set(others)].toSorted()
}

async function apiRoots(client: ClusterClient): Promise<readonly string[]> {
  const groups = mapsAt(await client.call({ path: '/apis' }), 'groups')
  const preferred = groups.map((group) => textAt(group['preferredVersion'], 'groupVersion'))
  return ['/api/v1', ...preferred.filter((name) => name !== '').map((name) => `/apis/${name}`)]
}

async function listedKinds(client: ClusterClient, root: string): Promise<readonly string[]> {
  try {
    const resources = mapsAt(await client.call({ path: root }), 'resources')
    return resources.flatMap(({ name, namespaced, verbs }) => {
      const isListed = namespaced === true && Array.isArray(verbs) && verbs.includes('list')
      return isListed && typeof name === 'string' && !name.includes('/') ? [name] : []
    })
  } catch (error) {
    return passOver(error)
  }
}

/** An extension of the API that is down says nothing of what it holds, and a definition may have gone meanwhile. */
function passOver(error: unknown): readonly never[] {
  if (error instanceof ApiFailure && (error.status >= 500 || error.status === 404)) return []
  throw error
}
