import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { create } from '@bufbuild/protobuf'
import type { ClusterFacts } from '../registry/cluster-facts.ts'
import { ControlPlaneSchema } from '../rpc/gen/envoy/config/core/v3/base_pb.js'
import { FakeAdsServer, serviceResource } from '../testing/fake-ads-server.ts'
import { until } from '../testing/until.ts'
import { startXdsServerRig } from '../testing/xds-server-rig.ts'
import { startXdsSource } from '../testing/xds-source-rig.ts'
import { encodeCluster } from '../translate/discovery/cluster-message.ts'
import { typeUrls } from './type-url.ts'

const facts: ClusterFacts = {
  domain: 'k8s.corp',
  namespaces: new Set(['default', 'ns1']),
  complete: true,
  unknownServices: new Set(['odd.ns1']),
}

describe('facts about a cluster', () => {
  it('reach an agent, and change with the controller’s', async (test) => {
    const rig = await startXdsServerRig(test)
    rig.set({ cluster: encodeCluster(facts) })
    const { source } = await startXdsSource(test, { addresses: [rig.plaintext] })
    await until(() => source.clusterFacts() !== undefined)
    assert.deepEqual(source.clusterFacts(), facts)
    rig.set({ cluster: encodeCluster({ ...facts, complete: false }) })
    rig.server.singlesChanged()
    await until(() => source.clusterFacts()?.complete === false)
    assert.deepEqual(rig.health.items(), [])
  })

  it('are forgotten when the stream ends: nobody knows what comes then', async (test) => {
    const rig = await startXdsServerRig(test)
    rig.set({ cluster: encodeCluster(facts) })
    const { source } = await startXdsSource(test, { addresses: [rig.plaintext] })
    const told: unknown[] = []
    source.followClusterFacts(() => told.push(source.clusterFacts()?.complete))
    await until(() => told.length === 1)
    await rig.server.stop()
    await until(() => told.length === 2)
    assert.deepEqual(told, [true, undefined])
  })

  it('are none where a controller has no cluster, or is an older one of ours', async (test) => {
    const rig = await startXdsServerRig(test)
    const { source } = await startXdsSource(test, { addresses: [rig.plaintext] })
    await until(() => rig.server.proxies()[0]?.types.length === 2)
    assert.equal(source.clusterFacts(), undefined)
    rig.set({ cluster: encodeCluster(facts) })
    rig.server.singlesChanged()
    await until(() => source.clusterFacts() !== undefined)
  })

  it('are not asked of an istiod', async (test) => {
    const server = await FakeAdsServer.start(test)
    await startXdsSource(test, { addresses: [server.address] })
    const stream = await server.stream()
    const controlPlane = create(ControlPlaneSchema, { identifier: 'istiod' })
    for (const host of ['a.test', 'b.test']) {
      await stream.exchange({ controlPlane, resources: [serviceResource(host, '192.0.2.1')] })
    }
    assert.ok(!stream.requests.some(({ typeUrl }) => typeUrl === typeUrls.cluster))
  })
})
