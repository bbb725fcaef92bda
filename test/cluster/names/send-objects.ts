import type { PlainMap } from '../../../src/documents/plain-map.ts'
import type { ClusterClient } from '../../../src/kubernetes/client/cluster-client.ts'
import type { AskedService } from './questions.ts'
import { servicesOf } from './questions.ts'
import type { Sent } from './world.ts'

/** Requests under way at one time. */
const width = 16

/** Creates objects in the cluster, namespaces first. */
export async function createAll(client: ClusterClient, sent: readonly Sent[]): Promise<void> {
  const isNamespace = ({ body }: Sent) => body.kind === 'Namespace'
  for (const part of [sent.filter(isNamespace), sent.filter((one) => !isNamespace(one))]) {
    await inTurns(part, async ({ path, body }) => {
      await client.call({ method: 'POST', path, body })
    })
  }
}

/** Does something with each, several at a time. */
export async function inTurns<T>(all: readonly T[], does: (one: T) => Promise<unknown>) {
  const rest = [...all]
  const work = async () => {
    for (let one = rest.shift(); one !== undefined; one = rest.shift()) await does(one)
  }
  await Promise.all(Array.from({ length: width }, work))
}

/** The Services of the cluster as they are now, with their endpoints. */
export async function readServices(client: ClusterClient): Promise<readonly AskedService[]> {
  const [services, slices, machines] = await Promise.all([
    list(client, '/api/v1/services'),
    list(client, '/apis/discovery.k8s.io/v1/endpointslices'),
    list(client, '/apis/networking.istio.io/v1/workloadentries'),
  ])
  return servicesOf(services, slices, machines)
}

export async function list(client: ClusterClient, path: string): Promise<readonly PlainMap[]> {
  const { items } = await client.call({ path })
  if (!Array.isArray(items)) throw new TypeError(`${path} is no list`)
  return items as readonly PlainMap[]
}
