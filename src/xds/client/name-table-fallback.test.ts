import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { status } from '@grpc/grpc-js'
import {
  FakeAdsServer,
  nameTableResource,
  type ResponseFields,
  serviceResource,
} from '../../testing/fake-ads-server.ts'
import { until } from '../../testing/until.ts'
import { startXdsSource } from '../../testing/xds-source-rig.ts'
import { typeUrls } from '../type-url.ts'

const controlPlane = { identifier: '{"Component":"istiod"}' }
const isForNames = ({ typeUrl }: { typeUrl: string }) => typeUrl === typeUrls.nameTable

function namesOf(hosts: Readonly<Record<string, string>>): ResponseFields {
  return { typeUrl: typeUrls.nameTable, controlPlane, resources: [nameTableResource(hosts)] }
}

describe('XdsSource, under a controller without workload discovery', () => {
  it('asks for a name table when nobody answers in time', async (test) => {
    const server = await FakeAdsServer.start(test)
    const rig = await startXdsSource(test, { addresses: [server.address] })
    const stream = await server.stream()
    await stream.request()
    rig.clock.advance(5_000)
    await stream.request(isForNames)
    await stream.exchange(namesOf({ 'one.test': '240.240.0.1', 'two.test': '10.0.0.2' }))
    assert.deepEqual(rig.hosts(), ['one.test=240.240.0.1', 'two.test=10.0.0.2'])
    assert.deepEqual(rig.source.state(), { kind: 'fresh' })
    assert.deepEqual(
      rig.health.items().map(({ code }) => code),
      ['XDS_NAMES_ONLY'],
    )
    await stream.exchange(namesOf({ 'one.test': '240.240.0.1', 'two.test': '10.0.0.3' }))
    assert.deepEqual(rig.changes, [['one.test', 'two.test'], ['two.test']])
  })

  it('asks for a name table when it is told that there is nothing', async (test) => {
    const server = await FakeAdsServer.start(test)
    const rig = await startXdsSource(test, { addresses: [server.address] })
    const stream = await server.stream()
    await stream.exchange({ controlPlane })
    await stream.request(isForNames)
    assert.equal(rig.source.state().kind, 'never synced')
  })

  it('asks for a name table on the next stream when one was refused for the type', async (test) => {
    const server = await FakeAdsServer.start(test)
    const rig = await startXdsSource(test, { addresses: [server.address] })
    const stream = await server.stream()
    await stream.request()
    stream.end({ code: status.INVALID_ARGUMENT, details: 'unknown type' })
    await until(() => {
      rig.clock.advance(100)
      return server.streams.length > 1
    })
    const next = await server.stream()
    assert.equal((await next.request()).typeUrl, typeUrls.nameTable)
    await next.exchange(namesOf({ 'one.test': '10.0.0.1' }))
    assert.deepEqual(rig.hosts(), ['one.test=10.0.0.1'])
  })

  it('waits for a controller of ours, however slow, and does not take its name table', async (test) => {
    const server = await FakeAdsServer.start(test)
    const rig = await startXdsSource(test, { addresses: [server.address] })
    const stream = await server.stream()
    await stream.request()
    rig.clock.advance(5_000)
    const { controlPlane: _, ...names } = namesOf({ 'one.test': '240.240.0.1' })
    await stream.exchange(names)
    assert.deepEqual(rig.hosts(), [])
    await stream.exchange({ resources: [serviceResource('one.test', '10.0.0.1')] })
    assert.deepEqual(rig.hosts(), ['one.test=10.0.0.1'])
    assert.deepEqual(rig.health.items(), [])
  })

  it('believes an empty table of a controller of ours', async (test) => {
    const server = await FakeAdsServer.start(test)
    const rig = await startXdsSource(test, { addresses: [server.address] })
    await (await server.stream()).exchange({})
    assert.deepEqual(rig.source.state(), { kind: 'fresh' })
  })

  it('answers from the saved name table after a restart, and leaves it for a better one', async (test) => {
    const server = await FakeAdsServer.start(test)
    const first = await startXdsSource(test, { addresses: [server.address] })
    const stream = await server.stream()
    await stream.exchange({ controlPlane })
    await stream.exchange(namesOf({ 'one.test': '240.240.0.1', 'two.test': '240.240.0.2' }))
    await first.source.stop()
    const { folder } = first
    const rig = await startXdsSource(test, { addresses: [server.address], folder })
    assert.deepEqual(rig.hosts(), ['one.test=240.240.0.1', 'two.test=240.240.0.2'])
    assert.equal(rig.source.state().kind, 'stale')
    assert.deepEqual(
      rig.health.items().map(({ code }) => code),
      ['XDS_NAMES_ONLY'],
    )
    const one = serviceResource('one.test', '240.240.0.1')
    await (await server.stream()).exchange({ resources: [one] })
    assert.deepEqual(rig.hosts(), ['one.test=240.240.0.1'])
    assert.deepEqual(rig.health.items(), [])
    await rig.source.stop()
    const last = await startXdsSource(test, { addresses: [server.address], folder })
    assert.deepEqual(last.hosts(), ['one.test=240.240.0.1'])
    const { initialResourceVersions } = await (await server.stream()).request()
    assert.deepEqual(initialResourceVersions, { 'default/one.test': '240.240.0.1' })
  })
})
