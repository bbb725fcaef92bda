import assert from 'node:assert/strict'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { afterEach, describe, it } from 'node:test'
import { systemClock } from '../base/clock.ts'
import { Health } from '../base/health.ts'
import { silentLog } from '../base/log.ts'
import { Meters } from '../base/meters.ts'
import { createRandom } from '../base/random.ts'
import { parseResolvConf } from '../config/resolv-conf.ts'
import type { IpAddress } from '../ip/address.ts'
import type { SocketAddress } from '../ip/socket-address.ts'
import type { Transport } from '../resolve/driver.ts'
import { ResolverOptions } from '../resolve/options.ts'
import { Resolver } from '../resolve/resolver.ts'
import { DnsTcpClient } from '../testing/dns-tcp-client.ts'
import { nameRecord } from '../testing/name-records.ts'
import { type AskOptions, queryOctets } from '../testing/resolver-rig.ts'
import { until } from '../testing/until.ts'
import { cutShort, nameError, startUpstreamServer, type Zone } from '../testing/upstream-server.ts'
import { decodeMessage } from '../wire/message.ts'
import { formatRcode } from '../wire/rcode.ts'
import { frameOf } from './frame-reader.ts'
import { NodeDriver } from './node-driver.ts'
import { ServeOptions } from './options.ts'
import { listenTcp } from './tcp-listener.ts'
import { listenUdp } from './udp-listener.ts'

const stops: (() => unknown)[] = []

afterEach(async () => {
  for (const stop of stops.splice(0).toReversed()) await stop()
})

const big = Array.from({ length: 42 }, (_, index) => ({
  name: 'big.up.test',
  type: 'A' as const,
  ttl: 60,
  data: `10.3.0.${index}`,
}))

const zone: Zone = {
  'one.up.test A': {
    reply: { answers: [{ name: 'one.up.test', type: 'A', ttl: 60, data: '10.3.1.1' }] },
  },
  'big.up.test A': { reply: { answers: big }, overUdp: cutShort },
  'nx.up.test A': { reply: nameError },
}

interface Case {
  readonly name: string
  readonly question: string
  readonly options?: AskOptions
  /** Rcode, number of answers, and `tc` when truncated; by the client's transport. */
  readonly want: Readonly<Record<Transport, string>>
  readonly asked: Readonly<Record<Transport, readonly string[]>>
}

function both<T>(value: T): Readonly<Record<Transport, T>> {
  return { udp: value, tcp: value }
}

const cases: readonly Case[] = [
  {
    name: 'a name of the mesh, without a word to the upstream',
    question: 'plain.mesh.test A',
    want: both('NOERROR 1'),
    asked: both([]),
  },
  {
    name: 'another name, on the transport of the client',
    question: 'one.up.test A',
    want: both('NOERROR 1'),
    asked: { udp: ['udp one.up.test A'], tcp: ['tcp one.up.test A'] },
  },
  {
    name: 'a name that does not exist',
    question: 'nx.up.test A',
    want: both('NXDOMAIN 0'),
    asked: { udp: ['udp nx.up.test A'], tcp: ['tcp nx.up.test A'] },
  },
  {
    name: 'an answer too large for the upstream’s UDP, got by TCP',
    question: 'big.up.test A',
    options: { edns: { udpPayloadOctets: 1232 } },
    want: both('NOERROR 42'),
    asked: { udp: ['udp big.up.test A', 'tcp big.up.test A'], tcp: ['tcp big.up.test A'] },
  },
  {
    name: 'an answer too large for the client’s UDP, as much as fits',
    question: 'big.up.test A',
    want: { udp: 'NOERROR 30 tc', tcp: 'NOERROR 42' },
    asked: { udp: ['udp big.up.test A', 'tcp big.up.test A'], tcp: ['tcp big.up.test A'] },
  },
]

async function start(servers: (live: SocketAddress) => readonly SocketAddress[]) {
  const upstream = await startUpstreamServer(zone)
  stops.push(() => upstream.stop())
  const options = ServeOptions.parse({})
  const ports = { clock: systemClock, meters: new Meters(), log: silentLog }
  const driver = new NodeDriver({ ...ports, options: options.upstream })
  stops.push(() => driver.stop())
  const resolver = new Resolver(driver, ResolverOptions.parse({}), {
    ...ports,
    health: new Health(),
    random: createRandom(),
    own: [],
    virtualPrefixes: [],
  })
  driver.attach(resolver)
  const nameservers = servers(upstream.server)
  resolver.followResolvConf({ ...parseResolvConf(''), nameservers })
  resolver.updateHosts({ put: [nameRecord('plain.mesh.test', ['10.9.0.1'])], drop: [] })
  const where = { address: '127.0.0.1' as IpAddress, port: 0 }
  const udp = await listenUdp(where, resolver, { ...ports, options: options.udp })
  stops.push(() => udp.stop())
  const tcp = await listenTcp(where, resolver, { ...ports, options: options.tcp })
  stops.push(() => tcp.stop())
  return { upstream, addresses: { udp: udp.address, tcp: tcp.address } }
}

async function exchange(
  transport: Transport,
  at: SocketAddress,
  query: Uint8Array,
): Promise<Uint8Array> {
  if (transport === 'tcp') {
    const client = new DnsTcpClient(at)
    stops.push(() => client.socket.destroy())
    await client.write(frameOf(query))
    await until(() => client.messages.length === 1)
    return client.messages[0] ?? new Uint8Array()
  }
  const socket = createSocket('udp4')
  stops.push(() => socket.close())
  const reply = once(socket, 'message')
  socket.send(query, at.port, at.address)
  return (await reply)[0] as Uint8Array
}

function summaryOf(octets: Uint8Array): string {
  const { rcode, answers, truncated } = decodeMessage(octets)
  return `${formatRcode(rcode)} ${answers.length}${truncated ? ' tc' : ''}`
}

describe('the whole way of a query', () => {
  for (const transport of ['udp', 'tcp'] as const) {
    for (const { name, question, options, want, asked } of cases) {
      it(`answers over ${transport}: ${name}`, async () => {
        const { upstream, addresses } = await start((live) => [live])
        const query = queryOctets(question, options)
        const reply = await exchange(transport, addresses[transport], query)
        assert.equal(summaryOf(reply), want[transport])
        assert.deepEqual(upstream.asked, asked[transport])
      })
    }

    it(`asks the next server over ${transport} when nobody listens at the first`, async () => {
      const gone = await startUpstreamServer({})
      gone.stop()
      const { addresses } = await start((live) => [gone.server, live])
      const query = queryOctets('one.up.test A')
      assert.equal(summaryOf(await exchange(transport, addresses[transport], query)), 'NOERROR 1')
    })

    it(`says SERVFAIL over ${transport} when nobody listens anywhere`, async () => {
      const gone = await startUpstreamServer({})
      gone.stop()
      const { addresses } = await start(() => [gone.server])
      const query = queryOctets('one.up.test A')
      assert.equal(summaryOf(await exchange(transport, addresses[transport], query)), 'SERVFAIL 0')
    })
  }
})
