import { reasonOf } from '../../../base/reason-of.ts'
import type { ClusterNames } from '../../../config/cluster-object-names.ts'
import { mapsAt, type PlainMap, textAt } from '../../../documents/plain-map.ts'
import { ApiFailure } from '../../../kubernetes/client/api-failure.ts'
import type { ClusterClient } from '../../../kubernetes/client/cluster-client.ts'
import { readObject } from '../apply/read-object.ts'
import { type ClusterObject, referenceOf } from '../object.ts'
import type { Patience } from './patience.ts'

interface WebhooksAwaited {
  readonly names: ClusterNames
  readonly webhooks: readonly ClusterObject[]
}

/**
 * Waits until the API server asks the controllers, and gets answers.
 * @throws {NotInTimeError} when it does not.
 */
export async function awaitWebhooks(
  client: ClusterClient,
  { names, webhooks }: WebhooksAwaited,
  patience: Patience,
): Promise<void> {
  for (const webhook of webhooks) {
    const reference = referenceOf(webhook)
    await patience.until(
      async () => hasCertificate(await readObject(client, reference)),
      `for the certificate in ${reference.kind} ${reference.name}`,
      async () => ['no controller has put it in: does one of them lead?'],
    )
  }
  if (!webhooks.some(({ metadata }) => metadata.name === names.validator)) return
  let heard = ''
  await patience.until(
    async () => {
      heard = await askThroughApi(client, names)
      return heard === ''
    },
    'for the API server to reach the controllers',
    async () => [
      heard,
      'the API server must reach port 15017 of the pods: see NetworkPolicies, and firewalls between it and the nodes',
    ],
  )
}

function hasCertificate(configuration: PlainMap | undefined): boolean {
  const webhooks = mapsAt(configuration, 'webhooks')
  return (
    webhooks.length > 0 &&
    webhooks.every(({ clientConfig }) => textAt(clientConfig, 'caBundle') !== '')
  )
}

/**
 * Has an object checked that only the webhook refuses; nothing is stored. Empty when it was refused
 * as it should, else what is wrong.
 */
async function askThroughApi(
  client: ClusterClient,
  { namespace, revision }: ClusterNames,
): Promise<string> {
  const body = {
    apiVersion: 'networking.istio.io/v1beta1',
    kind: 'ServiceEntry',
    metadata: { name: 'meshdns-install-check', labels: { 'istio.io/rev': revision } },
    // An address is no host (the API server alone takes it).
    spec: { hosts: ['192.0.2.1'], ports: [{ number: 80, name: 'http', protocol: 'HTTP' }] },
  }
  const path = `/apis/networking.istio.io/v1beta1/namespaces/${namespace}/serviceentries`
  try {
    await client.call({ method: 'POST', path, query: { dryRun: 'All' }, body })
    return 'objects are taken without a question to the controllers'
  } catch (error) {
    if (error instanceof ApiFailure && error.message.includes('denied the request')) return ''
    return reasonOf(error)
  }
}
