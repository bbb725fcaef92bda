import type { ClusterClient } from '../../src/kubernetes/client/cluster-client.ts'
import { patchTypes } from '../../src/kubernetes/client/cluster-client.ts'
import {
  type ClusterSize,
  entryObject,
  namespaceCount,
  namespaceOf,
  pathOf,
  podObject,
  podStatus,
  serviceObject,
  sliceObject,
} from './objects.ts'

/** Calls under way at a time, each on a connection of its own. */
const parallel = 24

/** Does something so many times, many at a time. */
export async function inParallel(
  count: number,
  work: (index: number) => Promise<unknown>,
): Promise<void> {
  let next = 0
  const worker = async () => {
    while (next < count) {
      const index = next
      next += 1
      await work(index)
    }
  }
  await Promise.all(Array.from({ length: parallel }, worker))
}

/** Creates everything through the API, pods with their status; gives how long each kind took, in seconds. */
export async function fillCluster(
  client: ClusterClient,
  { services, podsPerService, entries }: ClusterSize,
): Promise<Readonly<Record<string, number>>> {
  const took: Record<string, number> = {}
  const create = (path: string, body: object) => client.call({ method: 'POST', path, body })
  const step = async (name: string, count: number, work: (index: number) => Promise<unknown>) => {
    const begin = performance.now()
    await inParallel(count, work)
    took[name] = (performance.now() - begin) / 1_000
    process.stdout.write(`${count} ${name}: ${took[name].toFixed(1)} s\n`)
  }
  await step('namespaces', namespaceCount, async (index) => {
    const namespace = namespaceOf(index)
    await create('/api/v1/namespaces', { metadata: { name: namespace } })
    await create(pathOf('serviceaccounts', namespace), { metadata: { name: 'default' } })
  })
  // The API server takes its time to find their addresses: about 90 a second.
  const serving = step('services', services, (service) =>
    create(pathOf('services', namespaceOf(service)), serviceObject(service)),
  )
  await step('slices', services, (service) =>
    create(pathOf('endpointslices', namespaceOf(service)), sliceObject(service, podsPerService)),
  )
  await step('entries', entries, (entry) =>
    create(
      `/apis/networking.istio.io/v1/namespaces/${namespaceOf(entry)}/serviceentries`,
      entryObject(entry),
    ),
  )
  await step('pods', services * podsPerService, async (index) => {
    const [service, pod] = [Math.floor(index / podsPerService), index % podsPerService]
    const path = pathOf('pods', namespaceOf(service))
    const { metadata } = await create(path, podObject(service, pod, podsPerService))
    const { name } = metadata as { name: string }
    await client.call({
      method: 'PATCH',
      path: `${path}/${name}/status`,
      contentType: patchTypes.merge,
      body: podStatus(service, pod, podsPerService),
    })
  })
  await serving
  return took
}
