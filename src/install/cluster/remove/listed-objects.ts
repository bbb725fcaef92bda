import { type ClusterNames, sharedNames } from '../../../config/cluster-object-names.ts'
import { isPlainMap, type PlainMap } from '../../../documents/plain-map.ts'
import type { ClusterClient } from '../../../kubernetes/client/cluster-client.ts'
import { metadataOf, type ObjectReference, textsOf } from '../object.ts'
import { ownLabels } from '../ownership.ts'

const ownSelector = Object.entries(ownLabels)
  .map(([key, value]) => `${key}=${value}`)
  .join(',')

/** Other installations of ours in the cluster: their Deployments, as `NAMESPACE/NAME`. */
export async function otherInstallations(
  client: ClusterClient,
  { controller, namespace }: ClusterNames,
): Promise<readonly string[]> {
  const path = '/apis/apps/v1/deployments'
  const items = await listAll(client, path, { labelSelector: ownSelector })
  const places = items.map((item) => placeOf(item))
  return places
    .filter((place) => place.namespace !== namespace || place.name !== controller)
    .map((place) => `${place.namespace}/${place.name}`)
}

/** The root certificates that we put into namespaces. */
export async function ownRootConfigMaps(
  client: ClusterClient,
): Promise<readonly ObjectReference[]> {
  const fieldSelector = `metadata.name=${sharedNames.rootConfigMap}`
  const query = { labelSelector: ownSelector, fieldSelector }
  const items = await listAll(client, '/api/v1/configmaps', query)
  return items.map((item) => ({ apiVersion: 'v1', kind: 'ConfigMap', ...placeOf(item) }))
}

/** Namespaces whose pods are given the agent by this revision, by label. */
export async function injectedNamespaces(
  client: ClusterClient,
  { revision }: ClusterNames,
): Promise<readonly string[]> {
  const items = await listAll(client, '/api/v1/namespaces', {})
  const asks = (labels: Readonly<Record<string, string>>) =>
    labels['istio.io/rev'] === revision ||
    (revision === 'default' && labels['istio-injection'] === 'enabled')
  return items
    .filter((item) => asks(textsOf(metadataOf(item)['labels'])))
    .map((item) => placeOf(item).name)
}

/** How many objects of a kind there are, of all namespaces. */
export async function countObjects(client: ClusterClient, plural: string): Promise<number> {
  const path = `/apis/networking.istio.io/v1beta1/${plural}`
  return (await listAll(client, path, {})).length
}

/** Page by page. */
export async function listAll(
  client: ClusterClient,
  path: string,
  query: Readonly<Record<string, string>>,
): Promise<readonly PlainMap[]> {
  const all: PlainMap[] = []
  let go = ''
  do {
    const more: Record<string, string> = go === '' ? {} : { continue: go }
    const page = await client.call({ path, query: { ...query, ...more, limit: 500 } })
    const { items } = page
    if (Array.isArray(items)) all.push(...items.filter(isPlainMap))
    const next = metadataOf(page)['continue']
    go = typeof next === 'string' ? next : ''
  } while (go !== '')
  return all
}

export function placeOf(object: PlainMap): { readonly name: string; readonly namespace: string } {
  const { name, namespace } = metadataOf(object)
  return {
    name: typeof name === 'string' ? name : '',
    namespace: typeof namespace === 'string' ? namespace : '',
  }
}
