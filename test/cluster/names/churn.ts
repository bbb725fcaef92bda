import { setTimeout } from 'node:timers/promises'
import type { PlainMap } from '../../../src/documents/plain-map.ts'
import { type ClusterClient, patchTypes } from '../../../src/kubernetes/client/cluster-client.ts'
import { describeRecord } from '../../../src/testing/describe-message.ts'
import { askServer, type Place } from './ask-server.ts'
import { createAll, inTurns, list } from './send-objects.ts'
import { sliceOf } from './slices.ts'
import { makeRound, type Sent } from './world.ts'

interface Named extends PlainMap {
  readonly metadata: {
    readonly name: string
    readonly namespace: string
    readonly labels?: Readonly<Record<string, string>>
  }
}

interface SliceObject extends Named {
  readonly ports?: readonly PlainMap[]
  readonly endpoints?: readonly {
    readonly conditions?: { readonly ready?: boolean; readonly terminating?: boolean }
  }[]
}

interface ServiceObject extends Named {
  readonly spec: { readonly ports?: readonly PlainMap[]; readonly externalName?: string }
}

const slicePath = '/apis/discovery.k8s.io/v1'
const patienceMs = 120_000

/** Every how-manieth is changed; no two have a common divisor with the number of kinds. */
const every = { ready: 5, deleted: 13, altered: 7 } as const

/**
 * Changes much of a world: endpoints get ready or unready, Services go with their slices, others get
 * other ports or targets, new ones come; one namespace goes, and one comes.
 */
export async function churn(client: ClusterClient, gone: string): Promise<void> {
  const slices = (await list(client, `${slicePath}/endpointslices`)) as readonly SliceObject[]
  const services = (await list(client, '/api/v1/services')) as readonly ServiceObject[]
  const inWorld = ({ metadata }: Named) => !['default', gone].includes(metadata.namespace)
  await client.call({ method: 'DELETE', path: `/api/v1/namespaces/${gone}` })
  // Where endpoints that are not ready count as well, the cluster writes that all of them are.
  const turning = slices.filter((one) => inWorld(one) && !one.metadata.name.startsWith('eager-'))
  await inTurns(nth(turning, every.ready), (slice) => toggle(client, slice))
  const own = services.filter(inWorld)
  const deleted = new Set(nth(own, every.deleted))
  const left = own.filter((service) => !deleted.has(service))
  await inTurns([...deleted], async (service) => {
    await client.call({ method: 'DELETE', path: pathOf(service) })
    await deleteSlices(client, service)
  })
  await inTurns(nth(left, every.altered), (service) => alter(client, service, slices))
  await createAll(client, [
    namespaceOf('late'),
    ...makeRound(100, 'late'),
    ...makeRound(101, 'ns1'),
  ])
}

/**
 * Waits until servers have seen everything that happened before: what is made last of each kind.
 * Events of one kind come in their order.
 */
export async function settled(
  client: ClusterClient,
  domain: string,
  servers: readonly Place[],
): Promise<void> {
  await createAll(client, [namespaceOf('last'), ...lastObjects()])
  const end = performance.now() + patienceMs
  for (const server of servers) {
    for (;;) {
      const [namespace, host] = await askServer(server, [
        `last.svc.${domain}. A`,
        `seen.last.last.svc.${domain}. A`,
      ])
      const [address] = host?.answers ?? []
      if (namespace?.rcode === 0 && address && describeRecord(address).endsWith('10.99.0.1')) break
      if (performance.now() > end) throw new Error(`${server.port} never saw the last change`)
      await setTimeout(100)
    }
  }
}

function lastObjects(): readonly Sent[] {
  const metadata = { name: 'last', namespace: 'last' }
  const spec = { clusterIP: 'None', ports: [{ name: 'http', port: 80 }] }
  const slice = { ports: [], ends: [{ ip: '10.99.0.1', hostname: 'seen' }] }
  return [
    {
      path: '/api/v1/namespaces/last/services',
      body: { apiVersion: 'v1', kind: 'Service', metadata, spec },
    },
    {
      path: `${slicePath}/namespaces/last/endpointslices`,
      body: sliceOf(slice, { service: 'last', namespace: 'last', index: 0 }),
    },
  ]
}

function namespaceOf(name: string): Sent {
  const body = { apiVersion: 'v1', kind: 'Namespace', metadata: { name } }
  return { path: '/api/v1/namespaces', body }
}

function nth<T>(all: readonly T[], step: number): readonly T[] {
  return all.filter((_, at) => at % step === 0)
}

function pathOf({ metadata: { name, namespace } }: Named): string {
  return `/api/v1/namespaces/${namespace}/services/${name}`
}

function slicePathOf({ metadata: { name, namespace } }: Named): string {
  return `${slicePath}/namespaces/${namespace}/endpointslices/${name}`
}

async function toggle(client: ClusterClient, slice: SliceObject): Promise<void> {
  const turned = (slice.endpoints ?? []).map((one) => {
    const { ready = true, terminating = false } = one.conditions ?? {}
    // What is going away does not come back.
    const now = !ready && !terminating
    return { ...one, conditions: { ready: now, serving: now, terminating } }
  })
  await patch(client, slicePathOf(slice), { endpoints: turned })
}

async function deleteSlices(client: ClusterClient, { metadata }: ServiceObject): Promise<void> {
  await client.call({
    method: 'DELETE',
    path: `${slicePath}/namespaces/${metadata.namespace}/endpointslices`,
    query: { labelSelector: `kubernetes.io/service-name=${metadata.name}` },
  })
}

/** Another target, or another name of the first port, in its slices as well. */
async function alter(
  client: ClusterClient,
  service: ServiceObject,
  slices: readonly SliceObject[],
): Promise<void> {
  const { externalName, ports = [] } = service.spec
  if (externalName !== undefined) {
    await patch(client, pathOf(service), { spec: { externalName: 'other.up.test' } })
    return
  }
  // Without a name in the Service, it is empty in the slice.
  const nameOf = (port: PlainMap | undefined) => port?.['name'] ?? ''
  const [first] = ports
  const renamed = (all: readonly PlainMap[]) =>
    all.map((one) => ({ ...one, name: nameOf(one) === nameOf(first) ? 'other' : one['name'] }))
  await patch(client, pathOf(service), { spec: { ports: renamed(ports) } })
  const { name, namespace } = service.metadata
  for (const slice of slices) {
    const { metadata } = slice
    const isOwn =
      metadata.namespace === namespace && metadata.labels?.['kubernetes.io/service-name'] === name
    if (isOwn) await patch(client, slicePathOf(slice), { ports: renamed(slice.ports ?? []) })
  }
}

async function patch(client: ClusterClient, path: string, body: object): Promise<void> {
  await client.call({ method: 'PATCH', path, contentType: patchTypes.merge, body })
}
