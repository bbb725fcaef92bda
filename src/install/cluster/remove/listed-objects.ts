import { ownLabels, sharedNames } from '../../../config/cluster-object-names.ts'
import { mapsAt, type PlainMap, textAt, textsOf } from '../../../documents/plain-map.ts'
import type { ClusterClient } from '../../../kubernetes/client/cluster-client.ts'
import { metadataOf, type ObjectReference } from '../object.ts'

const ownSelector = Object.entries(ownLabels)
  .map(([key, value]) => `${key}=${value}`)
  .join(',')

/** Revisions of which something of ours is left in a namespace, if only settings or what a failed installation began with. */
export async function revisionsIn(
  client: ClusterClient,
  namespace: string,
): Promise<readonly string[]> {
  const within = `/api/v1/namespaces/${encodeURIComponent(namespace)}`
  const kinds = ['serviceaccounts', 'configmaps']
  const query = { labelSelector: `${ownSelector},istio.io/rev` }
  const items = await Promise.all(kinds.map((kind) => listAll(client, `${within}/${kind}`, query)))
  const labels = items.flat().map((item) => textsOf(metadataOf(item)['labels'])['istio.io/rev'])
  return [...new Set(labels)].filter((label) => label !== undefined).toSorted()
}

/** Installations of ours in the cluster: their Deployments, as `NAMESPACE/NAME`. */
export async function installations(client: ClusterClient): Promise<readonly string[]> {
  const path = '/apis/apps/v1/deployments'
  const items = await listAll(client, path, { labelSelector: ownSelector })
  return items.map(placeOf).map(({ namespace, name }) => `${namespace}/${name}`)
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

/** Namespaces whose pods are given the agent by these revisions, by label. */
export async function injectedNamespaces(
  client: ClusterClient,
  revisions: readonly string[],
): Promise<readonly string[]> {
  const items = await listAll(client, '/api/v1/namespaces', {})
  const asks = (labels: Readonly<Record<string, string>>) =>
    revisions.includes(labels['istio.io/rev'] ?? '') ||
    (revisions.includes('default') && labels['istio-injection'] === 'enabled')
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
    all.push(...mapsAt(page, 'items'))
    go = textAt(metadataOf(page), 'continue')
  } while (go !== '')
  return all
}

export function placeOf(object: PlainMap): { readonly name: string; readonly namespace: string } {
  const metadata = metadataOf(object)
  return { name: textAt(metadata, 'name'), namespace: textAt(metadata, 'namespace') }
}
