import assert from 'node:assert/strict'
import { once } from 'node:events'
import type { Server, Socket } from 'node:net'
import { after, afterEach, before, describe, it } from 'node:test'
import { parseIp } from '../ip/address.ts'
import { clientHello } from '../testing/client-hello.ts'
import { endpoint, servicePort } from '../testing/mesh.ts'
import { type RelayRig, startRelayRig } from '../testing/relay-rig.ts'
import { serviceOf } from '../testing/services.ts'
import { converse, endingOf, listenTcp, until } from '../testing/sockets.ts'
import type { Lookup } from './name-cache.ts'

const virtual = { '*.wild.test': '240.240.0.1' }

describe('a relay that must know the name', { timeout: 600_000 }, () => {
  let echo: { readonly server: Server; readonly port: number }
  let rig: RelayRig
  let asked: string[]
  before(async () => {
    echo = await listenTcp((socket) => socket.pipe(socket))
  })
  after(() => echo.server.close())
  afterEach(() => rig.stop())

  const lookup: Lookup = async (name, family) => {
    if (family === 4) asked.push(name)
    return { addresses: family === 4 ? [parseIp('127.0.0.1')] : [], ttlSeconds: 30 }
  }

  async function start(): Promise<void> {
    asked = []
    const declared = { ...servicePort(443, 'TLS'), targetPort: echo.port }
    const facts = { resolution: 'DYNAMIC_DNS', ports: [declared] } as const
    rig = await startRelayRig({ services: [serviceOf('*.wild.test', facts)], virtual, lookup })
  }

  it('takes it from TLS, and carries every octet of what it read', async () => {
    await start()
    for (const name of ['a.wild.test', 'b.wild.test']) {
      const hello = await clientHello(name)
      const client = rig.call('240.240.0.1:443')
      for (const part of [hello.subarray(0, 10), hello.subarray(10)]) await say(client, part)
      let returned = Buffer.alloc(0)
      client.on('data', (chunk: Buffer) => {
        returned = Buffer.concat([returned, chunk])
      })
      client.end()
      await once(client, 'end')
      assert.deepEqual(returned, hello)
    }
    assert.deepEqual(asked, ['a.wild.test', 'b.wild.test'])
  })

  it('does not wait for ever for a silent client', async () => {
    await start()
    const ended = endingOf(rig.call('240.240.0.1:443'))
    await until(() => rig.counters()['meshdns_relay_connections_total'] === 1)
    rig.clock.advance(5_000)
    assert.equal(await ended, 'ECONNRESET')
    assert.equal(rig.warnings[0]?.reason, 'no_server_name')
  })

  it('does not read for ever from a client that talks round it', async () => {
    await start()
    const words = `GET / HTTP/1.1\r\n${'X-Padding: 0123456789\r\n'.repeat(1_000)}`
    assert.equal(await converse(rig.call('240.240.0.1:443'), words), 'ECONNRESET')
    assert.equal(rig.warnings[0]?.reason, 'no_server_name')
  })

  it('forgets a client that leaves without a word', async () => {
    await start()
    const client = rig.call('240.240.0.1:443')
    await until(() => rig.counters()['meshdns_relay_connections_total'] === 1)
    client.resetAndDestroy()
    await rig.relay.stop()
    assert.equal(rig.counters()['meshdns_relay_refused_total{no_server_name}'], undefined)
  })
})

describe('a relay whose endpoints take their time', { timeout: 600_000 }, () => {
  it('tries no more of them when the time for the connection is over', async () => {
    let asked = 0
    const endpoints = ['a', 'b', 'c', 'd'].map((label) => endpoint(`${label}.up.test`, { 80: 80 }))
    const rig = await startRelayRig({
      services: [serviceOf('a.test', { resolution: 'DNS', endpoints })],
      virtual: { 'a.test': '240.240.0.1' },
      lookup: async (_name, family) => {
        if (family === 4) asked += 1
        rig.clock.advance(10_000)
        throw new Error('no server answers')
      },
    })
    assert.equal(await endingOf(rig.call('240.240.0.1:80')), 'ECONNRESET')
    // Two look-ups of ten seconds for each name, and thirty seconds for all.
    assert.equal(asked, 2)
    assert.equal(rig.warnings[0]?.reason, 'name_not_resolved')
    await rig.stop()
  })
})

/** Writes, and waits until it is on its way. */
async function say(socket: Socket, octets: Buffer): Promise<void> {
  await new Promise((resolve) => socket.write(octets, resolve))
}
