import assert from 'node:assert/strict'
import { describe, it, type TestContext } from 'node:test'
import { create, fromBinary, toBinary } from '@bufbuild/protobuf'
import { NameTableSchema } from '../../src/rpc/gen/istio/networking/nds/v1/nds_pb.js'
import {
  type EnvoyResponse,
  EnvoyStream,
  type EnvoyVariant,
  envoyNode,
} from '../../src/testing/envoy-discovery-client.ts'
import { until } from '../../src/testing/until.ts'
import { startXdsServerRig, type XdsServerRig } from '../../src/testing/xds-server-rig.ts'

const typeUrl = 'type.googleapis.com/istio.networking.nds.v1.NameTable'
const ready = 'type.googleapis.com/istio.workload.Address'

function tableOf(...ips: readonly string[]) {
  const info = { ips: [...ips], registry: 'External' }
  const table = create(NameTableSchema, { table: { 'auto.internal': info } })
  return { octets: toBinary(NameTableSchema, table), version: ips.join() }
}

/** What a response says of the only host that there is. */
function addressesIn({ resources }: EnvoyResponse): string[] {
  const [resource, ...more] = resources
  assert.deepEqual(more, [], 'the table is one resource')
  const any = resource?.resource ?? resource
  assert.equal(any?.type_url, typeUrl)
  const { table } = fromBinary(NameTableSchema, any?.value ?? new Uint8Array())
  return table['auto.internal']?.ips ?? []
}

interface Agent {
  readonly rig: XdsServerRig
  readonly stream: EnvoyStream
  /** Changes the table, and tells the server. */
  change(...ips: readonly string[]): void
  answer(response: EnvoyResponse, error?: string): void
  /** A request of another type was answered, and so nothing came for what was sent before. */
  nothingCame(): Promise<void>
}

async function startAgent(test: TestContext, variant: EnvoyVariant): Promise<Agent> {
  const rig = await startXdsServerRig(test)
  rig.set({ nameTable: tableOf('240.240.0.1') })
  const stream = new EnvoyStream(rig.plaintext, variant)
  test.after(() => stream.close())
  return {
    rig,
    stream,
    change(...ips) {
      rig.set({ nameTable: tableOf(...ips) })
      rig.server.singlesChanged()
    },
    answer({ nonce, version_info }, error) {
      const version = variant === 'StreamAggregatedResources' ? { version_info } : {}
      const fault = error === undefined ? {} : { error_detail: { code: 13, message: error } }
      stream.send({ type_url: typeUrl, response_nonce: nonce, ...version, ...fault })
    },
    async nothingCame() {
      stream.send({ type_url: ready })
      const response = await stream.next()
      assert.equal(response.type_url, ready)
      stream.send({ type_url: ready, response_nonce: response.nonce })
      assert.equal(stream.waiting, 0)
    },
  }
}

for (const variant of ['StreamAggregatedResources', 'DeltaAggregatedResources'] as const) {
  describe(`the name table for an Istio agent on ${variant}`, () => {
    const first = { node: envoyNode('sidecar', 'vm1'), type_url: typeUrl }

    it('is answered at once, whole, and named', async (test) => {
      const { stream } = await startAgent(test, variant)
      stream.send(first)
      const response = await stream.next()
      assert.deepEqual(addressesIn(response), ['240.240.0.1'])
      assert.equal(response.type_url, typeUrl)
      assert.ok(response.nonce.length > 0)
      assert.ok((response.version_info ?? response.system_version_info ?? '').length > 0)
      assert.equal(response.control_plane?.identifier, 'meshdns')
      assert.deepEqual(response.removed_resources ?? [], [])
      if (variant === 'DeltaAggregatedResources') assert.equal(response.resources[0]?.name, '')
    })

    it('is sent again after an acknowledgement only when it changed', async (test) => {
      const agent = await startAgent(test, variant)
      agent.stream.send(first)
      agent.answer(await agent.stream.next())
      agent.rig.server.singlesChanged()
      await agent.nothingCame()
      agent.change('240.240.0.1', '2001:2::1')
      assert.deepEqual(addressesIn(await agent.stream.next()), ['240.240.0.1', '2001:2::1'])
    })

    it('waits for the receipt of the last response, and then is the newest', async (test) => {
      const agent = await startAgent(test, variant)
      agent.stream.send(first)
      const response = await agent.stream.next()
      agent.change('240.240.0.2')
      agent.change('240.240.0.3')
      await agent.nothingCame()
      agent.answer(response)
      assert.deepEqual(addressesIn(await agent.stream.next()), ['240.240.0.3'])
    })

    it('is not sent again after a refusal until it changed; the refusal is told and counted', async (test) => {
      const agent = await startAgent(test, variant)
      agent.stream.send(first)
      agent.answer(await agent.stream.next(), 'cannot apply')
      await agent.nothingCame()
      const refused = agent.rig.lines.find(
        ({ message }) => message === 'a proxy refused a response',
      )
      assert.equal(refused?.reason, 'cannot apply')
      assert.equal(agent.rig.health.items()[0]?.code, 'XDS_PROXY_REFUSES')
      const [status] = agent.rig.server.proxies()
      const type = status?.types.find((found) => found.typeUrl === typeUrl)
      assert.equal(type?.refused?.reason, 'cannot apply')
      assert.equal(type?.ackedVersion, undefined)
      agent.change('240.240.0.4')
      const next = await agent.stream.next()
      assert.deepEqual(addressesIn(next), ['240.240.0.4'])
      agent.answer(next)
      await until(() => agent.rig.health.items().length === 0)
    })

    it('takes no notice of a stale nonce', async (test) => {
      const agent = await startAgent(test, variant)
      agent.stream.send(first)
      const response = await agent.stream.next()
      agent.answer({ ...response, nonce: 'of another stream' })
      agent.change('240.240.0.5')
      await agent.nothingCame()
      agent.answer(response)
      assert.deepEqual(addressesIn(await agent.stream.next()), ['240.240.0.5'])
    })

    it('is answered in full when asked without a nonce, also again', async (test) => {
      const agent = await startAgent(test, variant)
      agent.stream.send(first)
      const response = await agent.stream.next()
      agent.stream.send({ type_url: typeUrl })
      const again = await agent.stream.next()
      assert.deepEqual(addressesIn(again), addressesIn(response))
      assert.notEqual(again.nonce, response.nonce)
    })
  })
}

describe('a stream of an Istio agent', () => {
  it('may ask for types that there is nothing of', async (test) => {
    const { stream } = await startAgent(test, 'StreamAggregatedResources')
    const listeners = 'type.googleapis.com/envoy.config.listener.v3.Listener'
    stream.send({ node: envoyNode('sidecar'), type_url: listeners })
    stream.send({ type_url: typeUrl })
    assert.equal((await stream.next()).type_url, typeUrl)
  })

  it('reports the health of what runs beside it', async (test) => {
    const { stream, rig } = await startAgent(test, 'StreamAggregatedResources')
    const health = 'type.googleapis.com/istio.v1.HealthInformation'
    stream.send({ node: envoyNode('sidecar', 'vm1'), type_url: health })
    const fault = { code: 500, message: 'connection refused' }
    stream.send({ type_url: health, error_detail: fault })
    await until(() => rig.heard.length === 3)
    const unhealthy = 'unhealthy vm1: connection refused'
    assert.deepEqual(rig.heard, ['connected vm1', 'healthy vm1', unhealthy])
    stream.close()
    await until(() => rig.heard.includes('disconnected vm1'))
  })
})
