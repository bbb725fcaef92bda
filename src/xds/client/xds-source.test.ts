import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { create } from '@bufbuild/protobuf'
import { AnySchema } from '@bufbuild/protobuf/wkt'
import {
  FakeAdsServer,
  type FakeAdsStream,
  serviceResource,
} from '../../testing/fake-ads-server.ts'
import { until } from '../../testing/until.ts'
import { startXdsSource } from '../../testing/xds-source-rig.ts'
import { typeUrls } from '../type-url.ts'

const one = serviceResource('one.test', '10.0.0.1')
const two = serviceResource('two.test', '10.0.0.2')
const three = serviceResource('three.test', '10.0.0.3')

describe('XdsSource', () => {
  it('says who it is, subscribes to everything, and takes what comes', async (test) => {
    const server = await FakeAdsServer.start(test)
    const { source, hosts, changes } = await startXdsSource(test, { addresses: [server.address] })
    const stream = await server.stream()
    const first = await stream.request()
    assert.equal(first.node?.id, 'sidecar~127.0.0.1~vm.default~default.svc.cluster.local')
    assert.equal(first.typeUrl, typeUrls.address)
    assert.deepEqual(first.resourceNamesSubscribe, [])
    assert.deepEqual(source.state(), { kind: 'never synced' })
    const ack = await stream.exchange({ resources: [one] })
    assert.equal(ack.errorDetail, undefined)
    assert.equal(ack.node, undefined)
    assert.deepEqual(hosts(), ['one.test=10.0.0.1'])
    assert.deepEqual(source.state(), { kind: 'fresh' })
    await stream.exchange({ resources: [two], removedResources: ['default/one.test'] })
    assert.deepEqual(hosts(), ['two.test=10.0.0.2'])
    assert.deepEqual(changes, [['one.test'], ['one.test', 'two.test']])
  })

  it('puts nothing in force before the last page of the first table', async (test) => {
    const server = await FakeAdsServer.start(test)
    const { hosts, changes, source } = await startXdsSource(test, { addresses: [server.address] })
    const stream = await server.stream()
    await stream.exchange({ resources: [one], moreToCome: true })
    assert.deepEqual(hosts(), [])
    assert.deepEqual(source.state(), { kind: 'never synced' })
    await stream.exchange({ resources: [two] })
    assert.deepEqual(hosts(), ['one.test=10.0.0.1', 'two.test=10.0.0.2'])
    assert.deepEqual(changes, [['one.test', 'two.test']])
  })

  it('goes on with the first table where a lost stream ended', async (test) => {
    const server = await FakeAdsServer.start(test)
    const { hosts, clock } = await startXdsSource(test, { addresses: [server.address] })
    const stream = await server.stream()
    await stream.exchange({ resources: [one], moreToCome: true })
    stream.end()
    const next = await advanceToNext(server, clock)
    const { initialResourceVersions } = await next.request()
    assert.deepEqual(initialResourceVersions, { 'default/one.test': '10.0.0.1' })
    assert.deepEqual(hosts(), [])
    await next.exchange({ resources: [two] })
    assert.deepEqual(hosts(), ['one.test=10.0.0.1', 'two.test=10.0.0.2'])
  })

  it('refuses a response of which one resource is bad, whole and with the reason', async (test) => {
    const server = await FakeAdsServer.start(test)
    const { hosts, health, source } = await startXdsSource(test, { addresses: [server.address] })
    const stream = await server.stream()
    await stream.exchange({ resources: [one] })
    const resource = create(AnySchema, { typeUrl: typeUrls.address, value: Buffer.alloc(2, 255) })
    const bad = { ...two, resource }
    const nack = await stream.exchange({ resources: [three, bad] })
    assert.match(nack.errorDetail?.message ?? '', /^resource "default\/two.test": /)
    assert.deepEqual(hosts(), ['one.test=10.0.0.1'])
    assert.deepEqual(source.state(), { kind: 'fresh' })
    assert.deepEqual(codesOf(health), ['XDS_RESPONSE_REFUSED'])
    await stream.exchange({ resources: [two] })
    assert.deepEqual(codesOf(health), ['XDS_RESPONSE_REFUSED'])
    await stream.exchange({ resources: [three] })
    assert.deepEqual(codesOf(health), [])
  })

  it('keeps its table when a controller sends what is no message, and comes back', async (test) => {
    const server = await FakeAdsServer.start(test)
    const { hosts, clock, source } = await startXdsSource(test, { addresses: [server.address] })
    const stream = await server.stream()
    await stream.exchange({ resources: [one] })
    stream.sendGarbage()
    const next = await advanceToNext(server, clock)
    assert.deepEqual(hosts(), ['one.test=10.0.0.1'])
    assert.equal(source.state().kind, 'stale')
    const { initialResourceVersions } = await next.request()
    assert.deepEqual(initialResourceVersions, { 'default/one.test': '10.0.0.1' })
    await next.exchange({})
    assert.deepEqual(source.state(), { kind: 'fresh' })
    assert.deepEqual(hosts(), ['one.test=10.0.0.1'])
  })

  it('tries the other controller when one says nothing', async (test) => {
    const [silent, good] = [await FakeAdsServer.start(test), await FakeAdsServer.start(test)]
    const rig = await startXdsSource(test, { addresses: [silent.address, good.address] })
    await (await silent.stream()).request()
    const stream = await advanceToNext(good, rig.clock)
    await stream.exchange({ resources: [one] })
    assert.deepEqual(rig.hosts(), ['one.test=10.0.0.1'])
  })

  it('tells how old a table is once the controller is gone, and that nobody can be reached', async (test) => {
    const server = await FakeAdsServer.start(test)
    const { clock, health, source } = await startXdsSource(test, { addresses: [server.address] })
    await (await server.stream()).exchange({ resources: [one] })
    server.stop()
    await until(() => source.state().kind === 'stale')
    await until(() => {
      clock.advance(1_000)
      return codesOf(health).includes('XDS_CONTROLLER_UNREACHABLE')
    })
    const state = source.state()
    assert.ok(state.kind === 'stale' && state.ageSeconds > 0)
  })

  it('refuses more resources than it may hold', async (test) => {
    const server = await FakeAdsServer.start(test)
    const { hosts } = await startXdsSource(test, {
      addresses: [server.address],
      controller: { maxResources: 2 },
    })
    const stream = await server.stream()
    await stream.exchange({ resources: [one, two] })
    const nack = await stream.exchange({ resources: [three] })
    assert.match(nack.errorDetail?.message ?? '', /more than 2 resources/)
    assert.equal(hosts().length, 2)
    const swapped = { resources: [three], removedResources: ['default/one.test'] }
    assert.equal((await stream.exchange(swapped)).errorDetail, undefined)
  })

  it('drops what a server that sends everything no longer mentions', async (test) => {
    const server = await FakeAdsServer.start(test)
    const { hosts, clock } = await startXdsSource(test, { addresses: [server.address] })
    const controlPlane = { identifier: 'other' }
    const stream = await server.stream()
    await stream.exchange({ resources: [one, two, three], controlPlane })
    stream.end()
    const next = await advanceToNext(server, clock)
    await next.exchange({ resources: [one, two], controlPlane })
    assert.deepEqual(hosts(), ['one.test=10.0.0.1', 'two.test=10.0.0.2'])
  })

  it('reports health once on each stream, and when it changes', async (test) => {
    const server = await FakeAdsServer.start(test)
    const { source, clock } = await startXdsSource(test, { addresses: [server.address] })
    const stream = await server.stream()
    source.reportHealth({ healthy: true, message: '' })
    source.reportHealth({ healthy: true, message: '' })
    const isHealth = ({ typeUrl }: { typeUrl: string }) => typeUrl === typeUrls.health
    assert.equal((await stream.request(isHealth)).errorDetail, undefined)
    source.reportHealth({ healthy: false, message: 'no answer' })
    assert.equal((await stream.request(isHealth)).errorDetail?.message, 'no answer')
    await stream.exchange({ resources: [one] })
    assert.equal(stream.requests.filter(isHealth).length, 0)
    stream.end()
    const next = await advanceToNext(server, clock)
    assert.equal((await next.request(isHealth)).errorDetail?.message, 'no answer')
  })
})

/** Lets time pass until the source comes back. */
async function advanceToNext(
  server: FakeAdsServer,
  clock: { advance(ms: number): void },
): Promise<FakeAdsStream> {
  const before = server.streams.length
  await until(() => {
    clock.advance(100)
    return server.streams.length > before
  })
  for (;;) {
    const stream = await server.stream()
    if (stream === server.streams.at(-1)) return stream
  }
}

function codesOf(health: { items(): readonly { readonly code: string }[] }): readonly string[] {
  return health.items().map(({ code }) => code)
}
