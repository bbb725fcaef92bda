import { CodedError } from '../../base/coded-error.ts'
import { valueAt } from '../../config/layer.ts'
import { isPlainMap, mapsAt, type PlainMap } from '../../documents/plain-map.ts'
import type { ClusterClient } from '../../kubernetes/client/cluster-client.ts'
import { findObject } from '../../kubernetes/client/find-object.ts'

/** A workload that makes pods has none. */
export class PodMissingError extends CodedError {
  override readonly code = 'CLI_POD_MISSING'

  constructor(text: string, namespace: string) {
    super(`there is no pod of ${text} in the namespace ${namespace}`, {
      hint: `See: kubectl get pods -n ${namespace}. Another namespace is named with -n, or as KIND/NAME.NAMESPACE.`,
    })
  }
}

export interface FoundPod {
  readonly namespace: string
  readonly name: string
  readonly pod: PlainMap
}

/** Kinds that make pods, as kubectl calls them. */
const makers: readonly { readonly words: RegExp; readonly plural: string }[] = [
  { words: /^deploy(ments?)?$/i, plural: 'deployments' },
  { words: /^(rs|replicasets?)$/i, plural: 'replicasets' },
  { words: /^(sts|statefulsets?)$/i, plural: 'statefulsets' },
  { words: /^(ds|daemonsets?)$/i, plural: 'daemonsets' },
]

/**
 * The pod that `NAME` or `NAME.NAMESPACE` means, or a pod of `KIND/NAME`, such as `deploy/app`.
 *
 * Names may hold dots: the whole text is tried as a name first. `undefined` when there is no such pod.
 * @throws {PodMissingError} when a kind was named.
 * @throws {ApiFailure} when the cluster does not say.
 */
export async function findPod(
  client: Pick<ClusterClient, 'call'>,
  text: string,
  namespace: string,
): Promise<FoundPod | undefined> {
  const [kind = '', rest = ''] = text.includes('/') ? text.split('/', 2) : ['pod', text]
  const dot = rest.lastIndexOf('.')
  const spelt = [{ name: rest, namespace }]
  if (dot > 0) spelt.push({ name: rest.slice(0, dot), namespace: rest.slice(dot + 1) })
  for (const place of spelt) {
    const path = pathOf('/api/v1', place.namespace, `pods/${encodeURIComponent(place.name)}`)
    const isPod = /^(po|pods?)$/i.test(kind)
    const pod = await (isPod ? findObject(client, path) : podOf(client, kind, place))
    if (pod) return { ...place, name: String(valueAt(pod, ['metadata', 'name'])), pod }
  }
  if (text.includes('/')) throw new PodMissingError(text, spelt.at(-1)?.namespace ?? namespace)
  return undefined
}

async function podOf(
  client: Pick<ClusterClient, 'call'>,
  kind: string,
  { name, namespace }: { readonly name: string; readonly namespace: string },
): Promise<PlainMap | undefined> {
  const { plural } = makers.find(({ words }) => words.test(kind)) ?? {}
  if (plural === undefined) return undefined
  const path = pathOf('/apis/apps/v1', namespace, `${plural}/${encodeURIComponent(name)}`)
  const maker = await findObject(client, path)
  const labels = valueAt(maker, ['spec', 'selector', 'matchLabels'])
  if (!isPlainMap(labels)) return undefined
  const labelSelector = Object.entries(labels).map(([key, value]) => `${key}=${String(value)}`)
  const list = await client.call({
    path: pathOf('/api/v1', namespace, 'pods'),
    query: { labelSelector: labelSelector.join(',') },
  })
  const pods = mapsAt(list, 'items')
  return pods.find((pod) => valueAt(pod, ['status', 'phase']) === 'Running') ?? pods[0]
}

function pathOf(root: string, namespace: string, rest: string): string {
  return `${root}/namespaces/${encodeURIComponent(namespace)}/${rest}`
}
