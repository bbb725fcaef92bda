import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { isDeepStrictEqual } from 'node:util'
import type { Controller } from '../../src/controller/start-controller.ts'
import { ipFromOctets } from '../../src/ip/address.ts'
import { type ClusterClient, patchTypes } from '../../src/kubernetes/client/cluster-client.ts'
import { type DeltaClient, openDeltaClient } from '../../src/testing/delta-client.ts'
import { eventually } from '../../src/testing/eventually.ts'
import { applyDefinitions, startClusterController } from './cluster-ports.ts'
import { freePorts } from './free-ports.ts'
import { inTurns } from './names/send-objects.ts'
import { clusterTestsSkip } from './programs.ts'
import { TestCluster } from './start-cluster.ts'

const skip = await clusterTestsSkip()

/** Two pages and a half of a list. */
const services = 1_250
const endpointsEach = 2

const nameOf = (service: number) => `web-${service}`
const addressOf = (service: number, endpoint: number, version = 0) =>
  `10.${version}.${service >> 7}.${((service & 127) << 1) + endpoint}`

function sliceOf(service: number, version = 0): object {
  return {
    metadata: {
      name: nameOf(service),
      labels: { 'kubernetes.io/service-name': nameOf(service) },
    },
    addressType: 'IPv4',
    ports: [{ name: 'http', port: 8080 }],
    endpoints: Array.from({ length: endpointsEach }, (_, endpoint) => ({
      addresses: [addressOf(service, endpoint, version)],
      targetRef: { kind: 'Pod', name: `${nameOf(service)}-${endpoint}` },
    })),
  }
}

/** Addresses of workloads, by the service that they are endpoints of. */
function endpointsIn(client: DeltaClient): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>()
  for (const { type } of client.addresses.values()) {
    if (type.case !== 'workload') continue
    for (const service of Object.keys(type.value.services)) {
      const addresses = type.value.addresses.map((octets) => ipFromOctets(octets))
      found.set(service, [...(found.get(service) ?? []), ...addresses].sort())
    }
  }
  return found
}

describe('controllers of a cluster with many services', { skip }, () => {
  let cluster: TestCluster
  let api: ClusterClient
  const cleanUp: (() => unknown)[] = []
  const rig = { after: (stop: () => unknown) => void cleanUp.unshift(stop) }
  const versions = new Map<number, number>()

  const wanted = () =>
    new Map(
      Array.from({ length: services }, (_, service) => {
        const version = versions.get(service) ?? 0
        const addresses = [0, 1].map((endpoint) => addressOf(service, endpoint, version)).sort()
        return [`default/${nameOf(service)}.default.svc.cluster.local`, addresses] as const
      }),
    )

  /** The last endpoint of a service may come in another page than its first. */
  async function becomesWanted(client: DeltaClient): Promise<void> {
    await eventually(() => isDeepStrictEqual(endpointsIn(client), wanted())).catch(() => {})
    assert.deepEqual(endpointsIn(client), wanted())
  }

  async function startOne(name: string): Promise<{ controller: Controller; client: DeltaClient }> {
    const [port = 0] = await freePorts(1)
    const controller = await startClusterController(rig, cluster, { name, port })
    const [where] = controller.addresses().plaintext
    assert.ok(where)
    return { controller, client: openDeltaClient(rig, where) }
  }

  before(async () => {
    cluster = await TestCluster.start()
    await applyDefinitions(cluster)
    await cluster.must(['create', 'namespace', 'istio-system'])
    api = cluster.connect()
    const slices = '/apis/discovery.k8s.io/v1/namespaces/default/endpointslices'
    await inTurns([...Array(services).keys()], async (service) => {
      // Without an address of the cluster: an API server takes its time to find one.
      const body = {
        metadata: { name: nameOf(service) },
        spec: { clusterIP: 'None', ports: [{ name: 'http', port: 80 }] },
      }
      await api.call({ method: 'POST', path: '/api/v1/namespaces/default/services', body })
      await api.call({ method: 'POST', path: slices, body: sliceOf(service) })
    })
  })

  after(async () => {
    for (const stop of cleanUp) await stop()
    await cluster?.[Symbol.asyncDispose]()
  })

  it('tell of all of them, and in the end of each as it was changed last', async () => {
    const { client } = await startOne('one')
    await becomesWanted(client)
    const changed = Array.from({ length: 100 }, (_, at) => at * 12)
    await inTurns(changed, async (service) => {
      for (let version = 1; version <= 4; version += 1) {
        await api.call({
          method: 'PATCH',
          path: `/apis/discovery.k8s.io/v1/namespaces/default/endpointslices/${nameOf(service)}`,
          contentType: patchTypes.merge,
          body: sliceOf(service, version),
        })
      }
      versions.set(service, 4)
    })
    await becomesWanted(client)
    const other = await startOne('two')
    await becomesWanted(other.client)
    assert.deepEqual(new Set(other.client.addresses.keys()), new Set(client.addresses.keys()))
  })
})
