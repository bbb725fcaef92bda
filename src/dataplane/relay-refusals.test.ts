import assert from 'node:assert/strict'
import { connect } from 'node:net'
import { afterEach, describe, it } from 'node:test'
import { parseIp } from '../ip/address.ts'
import { endpoint } from '../testing/mesh.ts'
import { type RelayRig, type RelayRigOptions, startRelayRig } from '../testing/relay-rig.ts'
import { serviceOf } from '../testing/services.ts'
import { closedPort, endingOf } from '../testing/sockets.ts'

interface Case extends RelayRigOptions {
  readonly name: string
  readonly destination: string
  readonly reason: string
  readonly host?: string
}

const nowhere = await closedPort()
const virtual = { 'a.test': '240.240.0.1' }

const cases: readonly Case[] = [
  {
    name: 'a port that no entry declares',
    services: [serviceOf('a.test')],
    virtual,
    destination: '240.240.0.1:81',
    reason: 'port_not_declared',
    host: 'a.test',
  },
  {
    name: 'a virtual address that nobody holds any more',
    destination: '240.240.0.7:80',
    reason: 'address_not_assigned',
  },
  {
    name: 'a service without endpoints',
    services: [serviceOf('a.test')],
    virtual,
    destination: '240.240.0.1:80',
    reason: 'no_endpoints',
    host: 'a.test',
  },
  {
    name: 'a service whose endpoints are not ready',
    services: [
      serviceOf('a.test', { endpoints: [endpoint('127.0.0.1', { 80: 80 }, { healthy: false })] }),
    ],
    virtual,
    destination: '240.240.0.1:80',
    reason: 'no_endpoints',
    host: 'a.test',
  },
  {
    name: 'a service whose endpoints all fail',
    services: [serviceOf('a.test', { endpoints: [endpoint('127.0.0.1', { 80: nowhere })] })],
    virtual,
    destination: '240.240.0.1:80',
    reason: 'endpoints_unreachable',
    host: 'a.test',
  },
  {
    name: 'a service whose endpoint has a name without addresses',
    services: [
      serviceOf('a.test', { resolution: 'DNS', endpoints: [endpoint('nx.up.test', { 80: 80 })] }),
    ],
    virtual,
    destination: '240.240.0.1:80',
    reason: 'name_not_resolved',
    host: 'a.test',
  },
  {
    name: 'an endpoint that is a virtual address itself',
    services: [serviceOf('a.test', { endpoints: [endpoint('240.240.0.2', { 80: 80 })] })],
    virtual,
    destination: '240.240.0.1:80',
    reason: 'loop',
    host: 'a.test',
  },
  {
    name: 'a name that resolves to a virtual address',
    services: [
      serviceOf('a.test', { resolution: 'DNS', endpoints: [endpoint('b.up.test', { 80: 80 })] }),
    ],
    virtual,
    lookup: async () => ({ addresses: [parseIp('240.240.0.1')], ttlSeconds: 30 }),
    destination: '240.240.0.1:80',
    reason: 'loop',
    host: 'a.test',
  },
  {
    name: 'what the mesh does not know, where only the mesh is allowed',
    options: { unknownDestination: 'REGISTRY_ONLY' },
    destination: `127.0.0.1:${nowhere}`,
    reason: 'not_in_registry',
  },
  {
    name: 'an unknown destination that refuses',
    destination: `127.0.0.1:${nowhere}`,
    reason: 'endpoints_unreachable',
  },
]

describe('a relay that refuses', { timeout: 600_000 }, () => {
  let rig: RelayRig
  afterEach(() => rig.stop())

  for (const { name, destination, reason, host, ...options } of cases) {
    it(`resets ${name}, counts it and says why`, async () => {
      rig = await startRelayRig(options)
      assert.equal(await endingOf(rig.call(destination)), 'ECONNRESET')
      assert.equal(rig.counters()[`meshdns_relay_refused_total{${reason}}`], 1)
      const [warning] = rig.warnings
      assert.equal(`${warning?.address}:${warning?.port}`, destination)
      assert.equal(warning?.reason, reason)
      assert.equal(warning?.host, host)
    })
  }

  it('resets who calls the relay itself', async () => {
    rig = await startRelayRig()
    const [own] = rig.relay.addresses
    assert.ok(own)
    const client = rig.call(`${own.address}:${own.port}`)
    assert.equal(await endingOf(client), 'ECONNRESET')
    assert.equal(rig.counters()['meshdns_relay_refused_total{loop}'], 1)
  })

  it('resets a connection whose original destination nobody knows', async () => {
    rig = await startRelayRig()
    const client = connect({ host: '127.0.0.1', port: rig.relay.addresses[0]?.port ?? 0 })
    assert.equal(await endingOf(client), 'ECONNRESET')
    assert.equal(rig.warnings[0]?.reason, 'loop')
  })

  it('never dials itself, whatever an endpoint says', async () => {
    rig = await startRelayRig()
    const port = rig.relay.addresses[0]?.port ?? 0
    const endpoints = [endpoint('127.0.0.1', { 80: port })]
    await rig.stop()
    const services = [serviceOf('a.test', { endpoints })]
    rig = await startRelayRig({ services, virtual, options: { listen: [`127.0.0.1:${port}`] } })
    assert.equal(await endingOf(rig.call('240.240.0.1:80')), 'ECONNRESET')
    assert.equal(rig.counters()['meshdns_relay_refused_total{loop}'], 1)
    assert.equal(rig.counters()['meshdns_relay_connections_total'], 1)
  })

  it('says the same refusal again only after a while, with how often it was', async () => {
    rig = await startRelayRig()
    for (let call = 0; call < 5; call += 1) await endingOf(rig.call('240.240.0.7:80'))
    assert.deepEqual(
      rig.warnings.map(({ count }) => count),
      [1],
    )
    rig.clock.advance(10_000)
    await endingOf(rig.call('240.240.0.7:80'))
    assert.deepEqual(
      rig.warnings.map(({ count }) => count),
      [1, 5],
    )
    assert.equal(rig.counters()['meshdns_relay_refused_total{address_not_assigned}'], 6)
  })
})
