import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { afterEach, describe, it } from 'node:test'
import { Meters } from '../base/meters.ts'
import type { IpAddress } from '../ip/address.ts'
import type { SocketAddress } from '../ip/socket-address.ts'
import type { Exchange } from '../resolve/driver.ts'
import { FakeClock } from '../testing/fake-clock.ts'
import { echoOf, FakeResolver, fakeQuery } from '../testing/fake-resolver.ts'
import { until } from '../testing/until.ts'
import { frameOf } from './frame-reader.ts'
import { upstreamSockets } from './meters.ts'
import { UpstreamSocketOptions } from './options.ts'
import { UpstreamTcp } from './upstream-tcp.ts'

const stops: (() => unknown)[] = []

afterEach(async () => {
  for (const stop of stops.splice(0).toReversed()) await stop()
})

function start(given: Partial<UpstreamSocketOptions> = {}) {
  const meters = new Meters()
  const resolver = new FakeResolver()
  const options = UpstreamSocketOptions.parse(given)
  const upstream = new UpstreamTcp(resolver, { clock: new FakeClock(), meters, options })
  stops.push(() => upstream.stop())
  return { resolver, upstream, open: () => meters.cell(upstreamSockets, 'tcp').value }
}

async function serverThat(serve: (socket: Socket, query: Buffer) => void) {
  const server = createServer((socket) => {
    stops.push(() => socket.destroy())
    socket.on('error', () => {})
    socket.once('data', (query) => serve(socket, query))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  stops.push(() => server.close())
  const { port } = server.address() as AddressInfo
  return { server: { address: '127.0.0.1' as IpAddress, port } }
}

/** An address where nobody listens. */
const deserted: SocketAddress = { address: '127.0.0.1' as IpAddress, port: 1 }

function tcp(server: SocketAddress, lane: number, id = 1): Exchange {
  return { server, transport: 'tcp', lane, octets: fakeQuery(id) }
}

describe('UpstreamTcp', () => {
  it('asks on a connection and reports the reply', async () => {
    const { upstream, resolver, open } = start()
    const { server } = await serverThat((socket, query) => {
      const reply = frameOf(echoOf(query.subarray(2)))
      socket.write(reply.subarray(0, 1))
      setImmediate(() => socket.write(reply.subarray(1)))
    })
    upstream.ask(tcp(server, 100))
    assert.equal(open(), 1)
    await until(() => resolver.reports.length === 1)
    assert.deepEqual(resolver.reports[0], { server, lane: 100, octets: echoOf(fakeQuery(1)) })
    assert.equal(open(), 0)
  })

  const failures = [
    { name: 'closes', serve: (socket: Socket) => socket.end(), reason: 'closed before the reply' },
    {
      name: 'closes inside a reply',
      serve: (socket: Socket) => socket.end(frameOf(fakeQuery(1)).subarray(0, 6)),
      reason: 'closed before the reply',
    },
    { name: 'resets', serve: (socket: Socket) => socket.resetAndDestroy(), reason: 'ECONNRESET' },
  ]
  for (const { name, serve, reason } of failures) {
    it(`reports a server that ${name}`, async () => {
      const { upstream, resolver } = start()
      const { server } = await serverThat(serve)
      upstream.ask(tcp(server, 100))
      await until(() => resolver.reports.length === 1)
      assert.deepEqual(resolver.reports, [{ server, lane: 100, reason }])
    })
  }

  it('reports a server that is not there', async () => {
    const { upstream, resolver } = start()
    upstream.ask(tcp(deserted, 100))
    await until(() => resolver.reports.length === 1)
    assert.equal(resolver.reports[0]?.reason, 'ECONNREFUSED')
  })

  it('closes the connection of a question that nobody waits for', async () => {
    const { upstream, resolver, open } = start()
    const events: string[] = []
    const { server } = await serverThat((socket) => {
      events.push('asked')
      socket.on('close', () => events.push('closed'))
    })
    const exchange = tcp(server, 100)
    upstream.ask(exchange)
    await until(() => events.includes('asked'))
    upstream.forget(exchange)
    assert.equal(open(), 0)
    await until(() => events.includes('closed'))
    assert.deepEqual(resolver.reports, [])
  })

  it('stays within its number of connections', async () => {
    const { upstream, resolver } = start({ maxConnections: 1 })
    const { server } = await serverThat(() => {})
    upstream.ask(tcp(server, 100))
    upstream.ask(tcp(server, 101))
    assert.equal(resolver.reports.length, 0)
    await until(() => resolver.reports.length === 1)
    assert.deepEqual(resolver.reports, [{ server, lane: 101, reason: 'too many connections' }])
  })
})
