import assert from 'node:assert/strict'
import { afterEach, describe, it } from 'node:test'
import { silentLog } from '../base/log.ts'
import { Meters } from '../base/meters.ts'
import type { IpAddress } from '../ip/address.ts'
import { DnsTcpClient } from '../testing/dns-tcp-client.ts'
import { FakeClock } from '../testing/fake-clock.ts'
import { echoOf, FakeResolver, fakeQuery } from '../testing/fake-resolver.ts'
import { until } from '../testing/until.ts'
import { frameOf } from './frame-reader.ts'
import { sendErrors, tcpConnections, tcpConnectionsCut } from './meters.ts'
import { TcpServeOptions } from './options.ts'
import { listenTcp } from './tcp-listener.ts'

const stops: (() => unknown)[] = []

afterEach(async () => {
  for (const stop of stops.splice(0).toReversed()) await stop()
})

async function start(options: Partial<TcpServeOptions> = {}) {
  const clock = new FakeClock()
  const meters = new Meters()
  const resolver = new FakeResolver()
  const ports = { clock, meters, log: silentLog, options: TcpServeOptions.parse(options) }
  const where = { address: '127.0.0.1' as IpAddress, port: 0 }
  const listener = await listenTcp(where, resolver, ports)
  stops.push(() => listener.stop())
  const connect = (): DnsTcpClient => {
    const client = new DnsTcpClient(listener.address)
    stops.push(() => client.socket.destroy())
    return client
  }
  const cut = (reason: string) => meters.cell(tcpConnectionsCut, reason).value
  const open = () => meters.cell(tcpConnections).value
  return { clock, meters, resolver, connect, cut, open }
}

const query = frameOf(fakeQuery(1))

describe('the limits of a TCP connection', () => {
  it('leaves queries unread while as many as allowed are under way', async () => {
    const { resolver, connect } = await start({ maxQueriesInFlight: 2 })
    const client = connect()
    await client.write(Buffer.concat([1, 2, 3, 4].map((id) => frameOf(fakeQuery(id)))))
    await until(() => resolver.queries.length === 2)
    resolver.queries[1]?.client.reply(echoOf(fakeQuery(2)))
    await until(() => client.replies.length === 1)
    assert.equal(resolver.queries.length, 3)
    resolver.slow = (query) => query.client.reply(echoOf(query.octets))
    resolver.queries[0]?.client.reply(echoOf(fakeQuery(1)))
    resolver.queries[2]?.client.reply(echoOf(fakeQuery(3)))
    await until(() => client.replies.length === 4)
    assert.deepEqual(client.replies, [2, 1, 4, 3])
  })

  it('closes a connection on which nothing was asked', async () => {
    const { clock, connect, cut, open } = await start({ idleTimeoutMs: 8_000 })
    const client = connect()
    await until(() => open() === 1)
    clock.advance(7_999)
    assert.equal(cut('idle'), 0)
    clock.advance(1)
    assert.equal(cut('idle'), 1)
    await until(() => client.gone)
  })

  it('counts idle time from the last answer', async () => {
    const { clock, resolver, connect, cut } = await start({ idleTimeoutMs: 8_000 })
    resolver.fast = echoOf
    const client = connect()
    await client.write(query)
    await until(() => client.replies.length === 1)
    clock.advance(5_000)
    await client.write(query)
    await until(() => client.replies.length === 2)
    clock.advance(7_999)
    assert.equal(cut('idle'), 0)
    clock.advance(1)
    assert.equal(cut('idle'), 1)
  })

  it('closes a connection on which octets only trickle in', async () => {
    const { clock, connect, cut, open } = await start({ idleTimeoutMs: 8_000 })
    const client = connect()
    await until(() => open() === 1)
    for (const octet of query.subarray(0, 8)) {
      await client.write(Uint8Array.of(octet))
      clock.advance(1_000)
    }
    assert.equal(cut('idle'), 1)
  })

  it('waits longer where an answer is owed, but not for ever', async () => {
    const { clock, resolver, connect, cut } = await start({
      idleTimeoutMs: 8_000,
      answerTimeoutMs: 20_000,
    })
    const client = connect()
    await client.write(query)
    await until(() => resolver.queries.length === 1)
    clock.advance(19_999)
    assert.equal(client.gone, false)
    clock.advance(1)
    assert.equal(cut('unanswered'), 1)
    await until(() => client.gone)
  })

  it('stops reading from a client that does not read, and cuts it off in the end', async () => {
    const { clock, resolver, connect, cut, open } = await start({ maxQueuedOctets: 67_108_864 })
    const large = Buffer.concat([echoOf(fakeQuery(1)), Buffer.alloc(60_000)])
    let answers = 0
    resolver.fast = () => {
      answers += 1
      return large
    }
    const client = connect()
    client.socket.pause()
    const asked = 2_000
    client.socket.write(Buffer.concat(Array.from({ length: asked }, () => query)))
    await until(() => answers > 0)
    await until(() => {
      clock.advance(8_000)
      return cut('slow_reader') === 1
    })
    assert.ok(answers < asked, 'it does not pile up the answers')
    await until(() => open() === 0)
  })

  it('cuts off a client whose answers came all at once and are too many', async () => {
    const { resolver, connect, cut, open } = await start({ maxQueuedOctets: 1_048_576 })
    const client = connect()
    client.socket.pause()
    await client.write(Buffer.concat(Array.from({ length: 128 }, () => query)))
    await until(() => resolver.queries.length === 128)
    const large = Buffer.concat([echoOf(fakeQuery(1)), Buffer.alloc(65_000)])
    for (const { client: owed } of resolver.queries) owed.reply(large)
    assert.equal(cut('slow_reader'), 1)
    await until(() => open() === 0)
  })

  it('does not send a message that no length can describe', async () => {
    const { meters, resolver, connect } = await start()
    const client = connect()
    await client.write(Buffer.concat([query, frameOf(fakeQuery(2))]))
    await until(() => resolver.queries.length === 2)
    resolver.queries[0]?.client.reply(new Uint8Array(65_536))
    resolver.queries[1]?.client.reply(echoOf(fakeQuery(2)))
    await until(() => client.replies.length === 1)
    assert.deepEqual(client.replies, [2])
    assert.equal(meters.cell(sendErrors, 'tcp').value, 1)
  })

  for (const { name, options, reason } of [
    { name: 'in all', options: { maxConnections: 2 }, reason: 'too_many' },
    {
      name: 'from one client',
      options: { maxConnectionsPerClient: 2 },
      reason: 'too_many_of_client',
    },
  ]) {
    it(`lets no more connections in than allowed ${name}, and others when one is over`, async () => {
      const { resolver, connect, cut, open } = await start(options)
      resolver.fast = echoOf
      const first = connect()
      const second = connect()
      await until(() => open() === 2)
      const third = connect()
      await until(() => third.gone)
      assert.equal(cut(reason), 1)
      first.socket.destroy()
      await until(() => open() === 1)
      const fourth = connect()
      for (const client of [second, fourth]) {
        await client.write(query)
        await until(() => client.replies.length === 1)
      }
    })
  }
})
