import assert from 'node:assert/strict'
import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { afterEach, describe, it } from 'node:test'
import { silentLog } from '../base/log.ts'
import { Meters } from '../base/meters.ts'
import type { IpAddress } from '../ip/address.ts'
import type { SocketAddress } from '../ip/socket-address.ts'
import { FakeClock } from '../testing/fake-clock.ts'
import { echoOf, FakeResolver, fakeQuery } from '../testing/fake-resolver.ts'
import { until } from '../testing/until.ts'
import { droppedMessages } from './meters.ts'
import { UdpServeOptions } from './options.ts'
import { adoptUdp, listenUdp, type UdpListener, type UdpListenerPorts } from './udp-listener.ts'

const options = UdpServeOptions.parse({})
const stops: (() => unknown)[] = []

afterEach(async () => {
  for (const stop of stops.splice(0)) await stop()
})

function portsOf(more: Partial<UdpListenerPorts> = {}): UdpListenerPorts {
  return { clock: new FakeClock(), meters: new Meters(), log: silentLog, ...more }
}

async function listen(resolver: FakeResolver, ports = portsOf(), address = '127.0.0.1') {
  const where: SocketAddress = { address: address as IpAddress, port: 0 }
  const listener = await listenUdp(where, resolver, { ...ports, options })
  stops.push(() => listener.stop())
  return listener
}

async function connect({ address: { address, port } }: UdpListener): Promise<Socket> {
  const socket = createSocket(address.includes(':') ? 'udp6' : 'udp4')
  stops.push(() => socket.close())
  socket.connect(port, address)
  await once(socket, 'connect')
  return socket
}

async function exchange(socket: Socket, query: Uint8Array): Promise<Buffer> {
  const reply = once(socket, 'message')
  socket.send(query)
  return (await reply)[0] as Buffer
}

describe('UdpListener', () => {
  for (const address of ['127.0.0.1', '::1']) {
    it(`answers from the fast path on ${address}`, async () => {
      const resolver = new FakeResolver()
      resolver.fast = echoOf
      const client = await connect(await listen(resolver, portsOf(), address))
      assert.deepEqual(await exchange(client, fakeQuery(7, 'x')), echoOf(fakeQuery(7, 'x')))
      assert.equal(resolver.queries.length, 0)
    })

    it(`answers from the slow path on ${address}`, async () => {
      const resolver = new FakeResolver()
      resolver.slow = ({ octets, client }) => client.reply(echoOf(octets))
      const client = await connect(await listen(resolver, portsOf(), address))
      assert.deepEqual(await exchange(client, fakeQuery(8, 'y')), echoOf(fakeQuery(8, 'y')))
      const local = client.address()
      const text = local.address.includes(':') ? `[${local.address}]` : local.address
      assert.equal(resolver.queries[0]?.client.describe(), `${text}:${local.port}`)
    })
  }

  it('answers later than the next query came', async () => {
    const resolver = new FakeResolver()
    const client = await connect(await listen(resolver))
    client.send(fakeQuery(1))
    client.send(fakeQuery(2))
    await until(() => resolver.queries.length === 2)
    const replies: number[] = []
    client.on('message', (reply) => replies.push(reply.readUInt16BE(0)))
    for (const query of resolver.queries.toReversed()) query.client.reply(echoOf(query.octets))
    await until(() => replies.length === 2)
    assert.deepEqual(replies, [2, 1])
  })

  it('gives each of many queries in a burst its own answer', async () => {
    const resolver = new FakeResolver()
    resolver.fast = echoOf
    const client = await connect(await listen(resolver))
    const got = new Map<number, string>()
    client.on('message', (reply) => got.set(reply.readUInt16BE(0), reply.subarray(12).toString()))
    for (let id = 0; id < 200; id += 1) client.send(fakeQuery(id, `name ${id}`))
    await until(() => got.size === 200)
    for (const [id, rest] of got) assert.equal(rest, `name ${id}`)
  })

  const dropped = [
    { reason: 'short', octets: Buffer.from('') },
    { reason: 'short', octets: Buffer.from('elevenocts.') },
    { reason: 'response', octets: echoOf(fakeQuery(3)) },
  ]
  for (const { reason, octets } of dropped) {
    it(`drops ${octets.length} octets: ${reason}`, async () => {
      const resolver = new FakeResolver()
      resolver.fast = echoOf
      const ports = portsOf()
      const client = await connect(await listen(resolver, ports))
      client.send(octets)
      const reply = await exchange(client, fakeQuery(4))
      assert.equal(reply.readUInt16BE(0), 4)
      assert.equal(ports.meters.cell(droppedMessages, reason).value, 1)
    })
  }

  it('serves on a socket that was bound elsewhere', async () => {
    const socket = createSocket('udp4')
    socket.bind(0, '127.0.0.1')
    await once(socket, 'listening')
    const resolver = new FakeResolver()
    resolver.fast = echoOf
    const before = socket.getRecvBufferSize()
    const listener = adoptUdp(socket, resolver, { ...portsOf(), options })
    assert.ok(socket.getRecvBufferSize() >= before)
    stops.push(() => listener.stop())
    const client = await connect(listener)
    const got = new Map<number, string>()
    client.on('message', (reply) => got.set(reply.readUInt16BE(0), reply.subarray(12).toString()))
    for (let id = 0; id < 50; id += 1) client.send(fakeQuery(id, `name ${id}`))
    await until(() => got.size === 50)
    for (const [id, rest] of got) assert.equal(rest, `name ${id}`)
  })

  it('goes on when a query breaks the resolver', async () => {
    const resolver = new FakeResolver()
    resolver.fast = (octets) => {
      if (octets[1] === 1) throw new Error('bug')
      return echoOf(octets)
    }
    const ports = portsOf()
    const client = await connect(await listen(resolver, ports))
    client.send(fakeQuery(1))
    assert.equal((await exchange(client, fakeQuery(2))).readUInt16BE(0), 2)
    assert.equal(ports.meters.cell(droppedMessages, 'internal_error').value, 1)
  })

  it('sends one reply for a query, however often the resolver replies', async () => {
    const resolver = new FakeResolver()
    resolver.slow = ({ octets, client }) => {
      client.reply(echoOf(octets))
      client.reply(echoOf(octets))
    }
    const client = await connect(await listen(resolver))
    const ids: number[] = []
    client.on('message', (reply) => ids.push(reply.readUInt16BE(0)))
    client.send(fakeQuery(1))
    client.send(fakeQuery(2))
    await until(() => ids.includes(2))
    assert.deepEqual(ids, [1, 2])
  })

  it('finds the original server by where the query came from and arrived', async () => {
    const server: SocketAddress = { address: '192.0.2.53' as IpAddress, port: 53 }
    const asked: SocketAddress[] = []
    const resolver = new FakeResolver()
    const originalServer = (client: SocketAddress, local: SocketAddress) => {
      asked.push(client, local)
      return server
    }
    const listener = await listen(resolver, portsOf({ originalServer }))
    const client = await connect(listener)
    client.send(fakeQuery(1))
    await until(() => resolver.queries.length === 1)
    assert.equal(asked.length, 0, 'nobody looked yet')
    assert.equal(resolver.queries[0]?.client.originalServer(), server)
    const from = { address: '127.0.0.1', port: client.address().port }
    assert.deepEqual(asked, [from, listener.address])
  })

  it('ignores replies after it stopped', async () => {
    const resolver = new FakeResolver()
    const listener = await listen(resolver)
    const client = await connect(listener)
    client.send(fakeQuery(1))
    await until(() => resolver.queries.length === 1)
    await listener.stop()
    await listener.stop()
    resolver.queries[0]?.client.reply(echoOf(fakeQuery(1)))
  })

  it('says who to look for when the port is taken', async () => {
    const { address } = await listen(new FakeResolver())
    const again = listenUdp(address, new FakeResolver(), { ...portsOf(), options })
    await assert.rejects(again, (error: { code?: string; hint?: string }) => {
      assert.equal(error.code, 'SERVE_BIND')
      assert.match(error.hint ?? '', new RegExp(`ss -Hlunp 'sport = :${address.port}'`))
      return true
    })
  })
})
