import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { status } from '@grpc/grpc-js'
import { Health } from '../../base/health.ts'
import { silentLog } from '../../base/log.ts'
import { Meters } from '../../base/meters.ts'
import { addressResource, scopeOfNamespaces } from '../../testing/address-resources.ts'
import { FakeClock } from '../../testing/fake-clock.ts'
import { FakeDiscoveryCall } from '../../testing/fake-discovery-call.ts'
import { until } from '../../testing/until.ts'
import { Discovery } from './discovery.ts'
import { xdsConvergence, xdsRefusals, xdsRemembered } from './meters.ts'
import { XdsServerOptions } from './options.ts'
import { Refusals } from './refusals.ts'
import { deltaVariant } from './variant.ts'

const node = { id: 'ztunnel~10.0.0.1~zt.ns1~x' }

function startDiscovery() {
  const [clock, meters] = [new FakeClock(), new Meters()]
  const options = XdsServerOptions.parse({ ackTimeoutMs: 60_000 })
  const discovery = new Discovery(
    options,
    {
      clock,
      log: silentLog,
      health: new Health(),
      meters,
      authenticator: { authenticate: () => Promise.reject(new Error('not here')) },
      tls: { current: () => ({ chain: '', key: '', roots: '' }), follow() {} },
      followers: { connected: async () => {}, disconnected() {}, healthReported() {} },
      scopeOf: () => scopeOfNamespaces('ns1'),
      nameTableOf: () => ({ octets: new Uint8Array(), version: '' }),
      services: [],
    },
    new Refusals(silentLog, clock, meters),
  )
  const put = (version: string) =>
    discovery.publish({ put: [addressResource('ns1/a.test', { version })], drop: [] })
  const join = async () => {
    const call = new FakeDiscoveryCall()
    discovery.open(call.asCall(), deltaVariant, true)
    await until(() => call.listenerCount('data') > 0)
    call.request({ node })
    await until(() => call.sent.length === 1)
    return call
  }
  const acknowledge = (call: FakeDiscoveryCall) => {
    call.flush()
    call.request({ responseNonce: call.sent.at(-1)?.nonce ?? '' })
  }
  const remembered = () => meters.readings().get(xdsRemembered)?.() ?? -1
  return { clock, meters, discovery, put, join, acknowledge, remembered }
}

describe('Discovery', () => {
  it('ends a stream that does not acknowledge, and keeps others', async () => {
    const { clock, meters, put, join, acknowledge } = startDiscovery()
    put('1')
    const [stuck, good] = [await join(), await join()]
    acknowledge(good)
    clock.advance(59_000)
    assert.equal(stuck.ending(), undefined)
    clock.advance(3_000)
    assert.equal(stuck.ending(), status.DEADLINE_EXCEEDED)
    assert.equal(good.ending(), undefined)
    assert.equal(meters.cell(xdsRefusals, 'not_acknowledged').value, 1)
  })

  it('remembers what went until every stream has heard of it', async () => {
    const { clock, discovery, put, join, acknowledge, remembered } = startDiscovery()
    put('1')
    const call = await join()
    discovery.publish({ put: [], drop: ['ns1/a.test'] })
    clock.advance(2_000)
    assert.equal(remembered(), 1)
    acknowledge(call)
    await until(() => call.sent.length === 2)
    assert.deepEqual(call.sent[1]?.removedResources, ['ns1/a.test'])
    clock.advance(2_000)
    assert.equal(remembered(), 0)
  })

  it('writes nothing more before the last response has left', async () => {
    const { clock, put, join } = startDiscovery()
    put('1')
    const call = await join()
    call.request({ responseNonce: call.sent[0]?.nonce ?? '' })
    put('2')
    clock.advance(100)
    put('3')
    clock.advance(100)
    call.flush()
    await until(() => call.sent.length === 2)
    assert.equal(call.sent[1]?.resources[0]?.version, '3')
  })

  it('measures how long a change takes until it is acknowledged', async () => {
    const { clock, meters, put, join, acknowledge } = startDiscovery()
    put('1')
    const call = await join()
    acknowledge(call)
    clock.advance(1_000)
    put('2')
    call.flush()
    await until(() => call.sent.length === 2)
    clock.advance(20)
    acknowledge(call)
    const { count, sum } = meters.histogram(xdsConvergence)
    assert.deepEqual([count, sum.toFixed(3)], [1, '0.020'])
  })
})
