import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { afterEach, describe, it } from 'node:test'
import { silentLog } from '../base/log.ts'
import { Meters } from '../base/meters.ts'
import type { IpAddress } from '../ip/address.ts'
import { DnsTcpClient } from '../testing/dns-tcp-client.ts'
import { FakeClock } from '../testing/fake-clock.ts'
import { echoOf, FakeResolver, fakeQuery } from '../testing/fake-resolver.ts'
import { until } from '../testing/until.ts'
import { frameOf } from './frame-reader.ts'
import { droppedMessages, tcpConnections, tcpConnectionsCut } from './meters.ts'
import { TcpServeOptions } from './options.ts'
import { adoptTcp, listenTcp, type TcpListener } from './tcp-listener.ts'

const stops: (() => unknown)[] = []

afterEach(async () => {
  for (const stop of stops.splice(0).toReversed()) await stop()
})

async function start() {
  const meters = new Meters()
  const resolver = new FakeResolver()
  const options = TcpServeOptions.parse({})
  const ports = { clock: new FakeClock(), meters, log: silentLog, options }
  const where = { address: '127.0.0.1' as IpAddress, port: 0 }
  const listener = await listenTcp(where, resolver, ports)
  stops.push(() => listener.stop())
  return { meters, resolver, ports, listener }
}

function connectTo({ listener }: { readonly listener: TcpListener }): DnsTcpClient {
  const client = new DnsTcpClient(listener.address)
  stops.push(() => client.socket.destroy())
  return client
}

interface Case {
  readonly name: string
  /** What the client sends, a write each; frames unless raw. */
  readonly writes: readonly Uint8Array[]
  readonly thenEnds?: boolean
  /** IDs of the replies. */
  readonly want: readonly number[]
  readonly wantDropped?: 'short' | 'response'
  readonly wantCut?: string
}

const one = frameOf(fakeQuery(1, 'first'))
const two = frameOf(fakeQuery(2, 'second'))
const empty = frameOf(new Uint8Array())

const cases: readonly Case[] = [
  { name: 'one query', writes: [one], want: [1] },
  { name: 'two queries in one write', writes: [Buffer.concat([one, two])], want: [1, 2] },
  {
    name: 'a query octet by octet',
    writes: [...one].map((octet) => Uint8Array.of(octet)),
    want: [1],
  },
  {
    name: 'a length cut in two and the next query behind it',
    writes: [
      one.subarray(0, 1),
      Buffer.concat([one.subarray(1), two.subarray(0, 1)]),
      two.subarray(1),
    ],
    want: [1, 2],
  },
  { name: 'an empty message first', writes: [empty, one], want: [1], wantDropped: 'short' },
  {
    name: 'a message shorter than a header',
    writes: [frameOf(Buffer.from('tiny')), one],
    want: [1],
    wantDropped: 'short',
  },
  {
    name: 'a response first',
    writes: [frameOf(echoOf(fakeQuery(9))), one],
    want: [1],
    wantDropped: 'response',
  },
  { name: 'a client that ends at once', writes: [one, two], thenEnds: true, want: [1, 2] },
  {
    name: 'a client that ends inside a query',
    writes: [one, two.subarray(0, 5)],
    thenEnds: true,
    want: [1],
  },
  { name: 'a client that ends without a word', writes: [], thenEnds: true, want: [] },
  {
    name: 'a query above the limit',
    writes: [one, Uint8Array.of(0x40, 0x01)],
    want: [1],
    wantCut: 'oversized_query',
  },
]

describe('TcpListener (RFC 7766)', () => {
  for (const path of ['fast', 'slow'] as const) {
    for (const { name, writes, thenEnds, want, wantDropped, wantCut } of cases) {
      it(`answers what it can on the ${path} path: ${name}`, async () => {
        const rig = await start()
        const { meters, resolver } = rig
        if (path === 'fast') resolver.fast = echoOf
        else
          resolver.slow = ({ octets, client }) => setImmediate(() => client.reply(echoOf(octets)))
        const client = connectTo(rig)
        for (const octets of writes) await client.write(octets)
        if (thenEnds) client.socket.end()
        if (thenEnds || wantCut) await until(() => client.gone)
        else await until(() => client.replies.length >= want.length)
        assert.deepEqual(client.replies, want)
        if (wantDropped) assert.equal(meters.cell(droppedMessages, wantDropped).value, 1)
        if (wantCut) assert.equal(meters.cell(tcpConnectionsCut, wantCut).value, 1)
      })
    }
  }

  it('sends answers in the order in which they become ready', async () => {
    const rig = await start()
    const { resolver } = rig
    const client = connectTo(rig)
    await client.write(Buffer.concat([one, two]))
    await until(() => resolver.queries.length === 2)
    for (const query of resolver.queries.toReversed()) query.client.reply(echoOf(query.octets))
    await until(() => client.replies.length === 2)
    assert.deepEqual(client.replies, [2, 1])
  })

  it('answers a client that ended before the answer was ready, then closes', async () => {
    const rig = await start()
    const { resolver } = rig
    const client = connectTo(rig)
    client.socket.end(one)
    await until(() => resolver.queries.length === 1)
    assert.equal(client.gone, false)
    resolver.queries[0]?.client.reply(echoOf(fakeQuery(1)))
    await until(() => client.ended)
    assert.deepEqual(client.replies, [1])
  })

  it('answers a thousand pipelined queries', async () => {
    const rig = await start()
    const { resolver } = rig
    resolver.fast = echoOf
    const client = connectTo(rig)
    const ids = Array.from({ length: 1_000 }, (_, id) => id)
    await client.write(Buffer.concat(ids.map((id) => frameOf(fakeQuery(id)))))
    await until(() => client.replies.length === ids.length)
    assert.deepEqual(client.replies, ids)
  })

  it('goes on when a query breaks the resolver', async () => {
    const rig = await start()
    const { meters, resolver } = rig
    resolver.fast = (octets) => {
      if (octets[1] === 1) throw new Error('bug')
      return echoOf(octets)
    }
    const client = connectTo(rig)
    await client.write(Buffer.concat([one, two]))
    await until(() => client.replies.length === 1)
    assert.deepEqual(client.replies, [2])
    assert.equal(meters.cell(droppedMessages, 'internal_error').value, 1)
  })

  it('ignores replies to a client that went away', async () => {
    const rig = await start()
    const { meters, resolver } = rig
    const client = connectTo(rig)
    await client.write(one)
    await until(() => resolver.queries.length === 1)
    client.socket.resetAndDestroy()
    await until(() => meters.cell(tcpConnections).value === 0)
    resolver.queries[0]?.client.reply(echoOf(fakeQuery(1)))
    assert.equal(resolver.queries[0]?.client.originalServer(), undefined)
  })

  it('serves on a listening socket that came from elsewhere', async () => {
    const { ports, resolver } = await start()
    resolver.fast = echoOf
    const server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    const listener = adoptTcp(server, resolver, ports)
    stops.push(() => listener.stop())
    const client = connectTo({ listener })
    client.socket.end(one)
    await until(() => client.ended)
    assert.deepEqual(client.replies, [1])
  })

  it('closes its connections when it stops', async () => {
    const rig = await start()
    const { listener, resolver } = rig
    const client = connectTo(rig)
    await client.write(one)
    await until(() => resolver.queries.length === 1)
    await listener.stop()
    await listener.stop()
    await until(() => client.gone)
  })

  it('says who to look for when the port is taken', async () => {
    const { listener, ports, resolver } = await start()
    await assert.rejects(listenTcp(listener.address, resolver, ports), {
      code: 'SERVE_BIND',
      message: `cannot serve DNS on tcp 127.0.0.1:${listener.address.port}`,
    })
  })
})
