import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect, type Server, type Socket } from 'node:net'
import { after, afterEach, before, describe, it } from 'node:test'
import { Health } from '../base/health.ts'
import { silentLog } from '../base/log.ts'
import { Meters } from '../base/meters.ts'
import { parseIp } from '../ip/address.ts'
import { FakeClock } from '../testing/fake-clock.ts'
import { endpoint } from '../testing/mesh.ts'
import { type RelayRig, routeTable, startRelayRig } from '../testing/relay-rig.ts'
import { serviceOf } from '../testing/services.ts'
import { converse, endingOf, listenTcp, readAll, until } from '../testing/sockets.ts'
import type { Lookup } from './name-cache.ts'
import { RelayOptions } from './options.ts'
import { startRelay } from './relay.ts'

const virtual = { 'a.test': '240.240.0.1' }

describe('a relay and its limits', { timeout: 600_000 }, () => {
  let echo: { readonly server: Server; readonly port: number }
  let rig: RelayRig
  before(async () => {
    echo = await listenTcp((socket) => socket.pipe(socket))
  })
  after(() => echo.server.close())
  afterEach(() => rig.stop())

  const services = () => [
    serviceOf('a.test', { endpoints: [endpoint('127.0.0.1', { 80: echo.port })] }),
  ]

  /** A client whose connection is being carried. */
  async function callCarried(): Promise<Socket> {
    const client = rig.call('240.240.0.1:80')
    client.write('.')
    await once(client, 'data')
    return client
  }

  it('refuses more connections than allowed, and says so for as long as it lasts', async () => {
    rig = await startRelayRig({ services: services(), virtual, options: { maxConnections: 2 } })
    const first = await callCarried()
    await callCarried()
    assert.equal(await endingOf(rig.call('240.240.0.1:80')), 'ECONNRESET')
    assert.equal(rig.counters()['meshdns_relay_refused_total{too_many_connections}'], 1)
    assert.deepEqual(
      rig.health.items().map(({ code }) => code),
      ['RELAY_FULL'],
    )
    await converse(first)
    await until(() => rig.health.items().length === 0)
    await callCarried()
  })

  it('resets what is idle for too long', async () => {
    rig = await startRelayRig({ services: services(), virtual, options: { idleTimeoutMs: 5_000 } })
    const client = await callCarried()
    const ended = endingOf(client)
    rig.clock.advance(5_000)
    assert.equal(await ended, 'ECONNRESET')
    await until(() => rig.counters()['meshdns_relay_ended_total{idle}'] === 1)
  })

  it('counts connections and octets', async () => {
    rig = await startRelayRig({ services: services(), virtual })
    assert.equal(await converse(rig.call('240.240.0.1:80'), 'hello'), 'hello')
    await until(() => rig.counters()['meshdns_relay_ended_total{ended}'] === 1)
    assert.deepEqual(rig.counters(), {
      meshdns_relay_connections_total: 1,
      'meshdns_relay_bytes_total{to_endpoint}': 5,
      'meshdns_relay_bytes_total{to_client}': 5,
      'meshdns_relay_ended_total{ended}': 1,
    })
  })

  it('stops at once when there is nothing to wait for', async () => {
    rig = await startRelayRig({ services: services(), virtual })
    const port = rig.relay.addresses[0]?.port ?? 0
    await rig.relay.stop()
    const [error] = (await once(connect({ host: '127.0.0.1', port }), 'error')) as [Error]
    assert.match(error.message, /ECONNREFUSED/)
  })

  it('lets connections end by themselves when it stops', async () => {
    rig = await startRelayRig({ services: services(), virtual })
    const client = await callCarried()
    const stopped = rig.relay.stop()
    assert.equal(await converse(client, 'last words'), 'last words')
    await stopped
  })

  it('resets connections that do not end in time when it stops', async () => {
    rig = await startRelayRig({ services: services(), virtual, options: { drainMs: 3_000 } })
    const client = await callCarried()
    const ended = endingOf(client)
    const stopped = rig.relay.stop()
    rig.clock.advance(3_000)
    assert.equal(await ended, 'ECONNRESET')
    await stopped
  })

  it('stops although a look-up hangs', async () => {
    let asked = 0
    const lookup: Lookup = () => {
      asked += 1
      return new Promise(() => {})
    }
    const endpoints = [endpoint('db.up.test', { 80: 80 })]
    rig = await startRelayRig({
      services: [serviceOf('a.test', { resolution: 'DNS', endpoints })],
      virtual,
      lookup,
    })
    const ended = endingOf(rig.call('240.240.0.1:80'))
    await until(() => asked > 0)
    const stopped = rig.relay.stop()
    rig.clock.advance(5_000)
    await stopped
    assert.equal(await ended, 'ECONNRESET')
  })

  it('takes over a server that listens already, made by somebody else', async () => {
    rig = await startRelayRig()
    const { server, port } = await listenTcp(() => {})
    server.removeAllListeners('connection')
    const ports = {
      clock: new FakeClock(),
      log: silentLog,
      meters: new Meters(),
      health: new Health(),
      lookup: async () => ({ addresses: [], ttlSeconds: 1 }),
      originalDestination: () => ({ address: parseIp('240.240.0.1'), port: 80 }),
      servers: [server],
    }
    const table = routeTable(services(), virtual)
    const relay = await startRelay(RelayOptions.parse({ listen: [] }), table, ports)
    const client = connect({ host: '127.0.0.1', port, allowHalfOpen: true })
    client.end('half closed')
    assert.equal(await readAll(client), 'half closed')
    await relay.stop()
    assert.equal(server.listening, false)
  })
})
