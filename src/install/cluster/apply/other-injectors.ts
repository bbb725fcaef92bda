import type { ClusterNames } from '../../../config/cluster-object-names.ts'
import { mapAt, mapsAt, type PlainMap } from '../../../documents/plain-map.ts'
import type { ClusterClient } from '../../../kubernetes/client/cluster-client.ts'
import { listAll, placeOf } from '../remove/listed-objects.ts'

/** Webhooks of others that look after the same labels of namespaces: a pod would be injected twice. */
export async function otherInjectors(
  client: ClusterClient,
  { injector, revision }: ClusterNames,
): Promise<readonly string[]> {
  const path = '/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations'
  const all = await listAll(client, path, {})
  const others = all.filter((one) => placeOf(one).name !== injector)
  return others
    .filter((one) => mapsAt(one, 'webhooks').some((webhook) => asks(webhook, revision)))
    .map((one) => `MutatingWebhookConfiguration ${placeOf(one).name}`)
}

/** Whether it selects namespaces by the labels of a revision. */
function asks(webhook: PlainMap, revision: string): boolean {
  const expressions = mapsAt(mapAt(webhook, 'namespaceSelector'), 'matchExpressions')
  return expressions.some(({ key, operator, values }) => {
    if (operator !== 'In' || !Array.isArray(values)) return false
    if (key === 'istio.io/rev') return values.includes(revision)
    return key === 'istio-injection' && revision === 'default' && values.includes('enabled')
  })
}
