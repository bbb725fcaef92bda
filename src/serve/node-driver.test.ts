import assert from 'node:assert/strict'
import { createSocket, type RemoteInfo, type Socket as UdpSocket } from 'node:dgram'
import { once } from 'node:events'
import { networkInterfaces } from 'node:os'
import { afterEach, describe, it } from 'node:test'
import { Meters } from '../base/meters.ts'
import type { IpAddress } from '../ip/address.ts'
import type { SocketAddress } from '../ip/socket-address.ts'
import type { Exchange } from '../resolve/driver.ts'
import { FakeClock } from '../testing/fake-clock.ts'
import { echoOf, FakeResolver, fakeQuery } from '../testing/fake-resolver.ts'
import { until } from '../testing/until.ts'
import { upstreamSocketErrors, upstreamSockets } from './meters.ts'
import { NodeDriver } from './node-driver.ts'
import { UpstreamSocketOptions } from './options.ts'

const stops: (() => unknown)[] = []

afterEach(async () => {
  for (const stop of stops.splice(0).toReversed()) await stop()
})

function start(options: Partial<UpstreamSocketOptions> = {}) {
  const clock = new FakeClock()
  const meters = new Meters()
  const resolver = new FakeResolver()
  const driver = new NodeDriver({ clock, meters, options: UpstreamSocketOptions.parse(options) })
  driver.attach(resolver)
  stops.push(() => driver.stop())
  const open = () => meters.cell(upstreamSockets, 'udp').value
  return { clock, meters, resolver, driver, open }
}

/** A DNS server on UDP that keeps what it is asked and by whom. */
class UdpUpstream {
  readonly socket: UdpSocket
  readonly asked: { readonly octets: Buffer; readonly from: RemoteInfo }[] = []
  readonly server: SocketAddress

  constructor(socket: UdpSocket, answers: boolean) {
    this.socket = socket
    const { address, port } = socket.address()
    this.server = { address: address as IpAddress, port }
    socket.on('message', (octets, from) => {
      this.asked.push({ octets, from })
      if (answers) socket.send(echoOf(octets), from.port, from.address)
    })
  }
}

async function udpUpstream(mode: 'answers' | 'silent', address = '127.0.0.1') {
  const socket = createSocket(address.includes(':') ? 'udp6' : 'udp4')
  stops.push(() => socket.close())
  socket.bind(0, address)
  await once(socket, 'listening')
  return new UdpUpstream(socket, mode === 'answers')
}

/** An address where nobody listens. */
const deserted: SocketAddress = { address: '127.0.0.1' as IpAddress, port: 1 }

function udp(server: SocketAddress, lane: number, id = 1): Exchange {
  return { server, transport: 'udp', lane, octets: fakeQuery(id) }
}

describe('NodeDriver over UDP', () => {
  for (const address of ['127.0.0.1', '::1']) {
    it(`asks a server on ${address} and reports its reply on the lane`, async () => {
      const { driver, resolver } = start()
      const { server } = await udpUpstream('answers', address)
      driver.ask(udp(server, 5))
      await until(() => resolver.reports.length === 1)
      const [report] = resolver.reports
      assert.equal(report?.server, server)
      assert.equal(report?.lane, 5)
      assert.deepEqual(report?.octets, echoOf(fakeQuery(1)))
    })
  }

  const linkLocal = Object.entries(networkInterfaces())
    .flatMap(([zone, found]) => (found ?? []).map(({ address }) => ({ address, zone })))
    .find(({ address }) => address.startsWith('fe80:'))
  const skip = linkLocal ? false : 'this machine has no link-local address'
  it('asks a server on a link-local address through its interface', { skip }, async () => {
    const { address = '', zone = '' } = linkLocal ?? {}
    const { driver, resolver } = start()
    const { server } = await udpUpstream('answers', `${address}%${zone}`)
    const zoned = { ...server, address: address as IpAddress, zone }
    driver.ask(udp(zoned, 5))
    await until(() => resolver.reports.length === 1)
    assert.deepEqual(resolver.reports, [{ server: zoned, lane: 5, octets: echoOf(fakeQuery(1)) }])
  })

  it('has a port of its own for each lane and keeps it', async () => {
    const { driver, resolver } = start()
    const upstream = await udpUpstream('answers')
    for (const lane of [1, 2, 1, 2]) driver.ask(udp(upstream.server, lane))
    await until(() => resolver.reports.length === 4)
    assert.equal(new Set(upstream.asked.map(({ from }) => from.port)).size, 2)
  })

  it('does not hear what others send to its port', async () => {
    const { driver, resolver } = start()
    const upstream = await udpUpstream('silent')
    const stranger = await udpUpstream('silent')
    driver.ask(udp(upstream.server, 1))
    await until(() => upstream.asked.length === 1)
    const { port = 0 } = upstream.asked[0]?.from ?? {}
    const sent = once(stranger.socket, 'sent')
    stranger.socket.send(echoOf(fakeQuery(1)), port, '127.0.0.1', () =>
      stranger.socket.emit('sent'),
    )
    await sent
    upstream.socket.send(echoOf(fakeQuery(2)), port, '127.0.0.1')
    await until(() => resolver.reports.length > 0)
    assert.deepEqual(resolver.reports[0]?.octets, echoOf(fakeQuery(2)))
  })

  it('reports a server that is not there, and tries again from another port', async () => {
    const { driver, meters, resolver } = start()
    const server = deserted
    for (const times of [1, 2]) {
      driver.ask(udp(server, 3))
      await until(() => resolver.reports.length === times)
      const { lane, reason } = resolver.reports.at(-1) ?? {}
      assert.deepEqual({ lane, reason }, { lane: 3, reason: 'ECONNREFUSED' })
    }
    assert.equal(meters.cell(upstreamSocketErrors, 'ECONNREFUSED').value, 2)
  })

  it('never reports while it is being asked', async () => {
    const { driver, resolver } = start({ maxSockets: 8 })
    const server: SocketAddress = { address: '255.255.255.255' as IpAddress, port: 53 }
    driver.ask(udp(server, 1))
    assert.equal(resolver.reports.length, 0)
    await until(() => resolver.reports.length === 1)
    assert.equal(resolver.reports[0]?.reason, 'EACCES')
  })

  it('takes another port after enough uses', async () => {
    const { driver, resolver, open } = start({ usesPerPort: 2 })
    const upstream = await udpUpstream('answers')
    for (let asked = 1; asked <= 6; asked += 1) {
      const exchange = udp(upstream.server, 1, asked)
      driver.ask(exchange)
      await until(() => resolver.reports.length === asked)
      driver.forget(exchange)
    }
    assert.equal(new Set(upstream.asked.map(({ from }) => from.port)).size, 3)
    assert.equal(open(), 1)
  })

  it('takes another port after a while, and hears late replies on the old one', async () => {
    const { clock, driver, resolver, open } = start({ portAgeMs: 5_000, lingerMs: 15_000 })
    const upstream = await udpUpstream('silent')
    const early = udp(upstream.server, 1, 1)
    driver.ask(early)
    await until(() => upstream.asked.length === 1)
    clock.advance(5_000)
    driver.ask(udp(upstream.server, 1, 2))
    await until(() => upstream.asked.length === 2)
    assert.equal(open(), 2)
    const [first, second] = upstream.asked.map(({ from }) => from.port)
    assert.notEqual(first, second)
    upstream.socket.send(echoOf(fakeQuery(1)), first ?? 0, '127.0.0.1')
    await until(() => resolver.reports.length === 1)
    driver.forget(early)
    assert.equal(open(), 1)
  })

  it('closes ports that are not used any more', async () => {
    const { clock, driver, open } = start({ lingerMs: 15_000 })
    const upstream = await udpUpstream('silent')
    driver.ask(udp(upstream.server, 1))
    clock.advance(10_000)
    driver.ask(udp(upstream.server, 2))
    assert.equal(open(), 2)
    clock.advance(15_000)
    assert.equal(open(), 1)
    clock.advance(15_000)
    assert.equal(open(), 0)
  })

  it('stays within its number of sockets by closing one that nobody waits on', async () => {
    const { driver, resolver, open } = start({ maxSockets: 8 })
    const upstream = await udpUpstream('silent')
    const exchanges = Array.from({ length: 8 }, (_, lane) => udp(upstream.server, lane, lane))
    for (const exchange of exchanges) driver.ask(exchange)
    driver.ask(udp(upstream.server, 20))
    await until(() => resolver.reports.length === 1)
    assert.deepEqual(resolver.reports[0], {
      server: upstream.server,
      lane: 20,
      reason: 'too many sockets',
    })
    for (const exchange of exchanges.slice(3, 4)) driver.forget(exchange)
    driver.ask(udp(upstream.server, 21, 77))
    await until(() => upstream.asked.some(({ octets }) => octets[1] === 77))
    assert.equal(open(), 8)
  })

  it('is silent after it stopped', async () => {
    const { driver, resolver, open } = start()
    const server = deserted
    driver.ask(udp(server, 1))
    await driver.stop()
    assert.equal(open(), 0)
    await new Promise(setImmediate)
    assert.deepEqual(resolver.reports, [])
  })
})

describe('NodeDriver.wakeAt', () => {
  const wakes = [
    { name: 'once at the time asked for', at: [100], want: [100] },
    { name: 'at the earlier of two times when that came last', at: [100, 40], want: [40] },
    { name: 'at the later of two times when that came last', at: [40, 100], want: [100] },
    { name: 'at once when the time is past', at: [-5], want: [0] },
  ]
  for (const { name, at, want } of wakes) {
    it(`ticks ${name}`, () => {
      const { clock, driver, resolver } = start()
      for (const timeMs of at) driver.wakeAt(timeMs)
      clock.advance(1_000)
      assert.deepEqual(resolver.ticks, want)
    })
  }

  it('does not tick after it stopped', async () => {
    const { clock, driver, resolver } = start()
    driver.wakeAt(10)
    await driver.stop()
    driver.wakeAt(20)
    clock.advance(1_000)
    assert.deepEqual(resolver.ticks, [])
  })
})
