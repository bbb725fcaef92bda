import assert from 'node:assert/strict'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { afterEach, describe, it } from 'node:test'
import { Meters } from '../base/meters.ts'
import type { IpAddress, IpFamily } from '../ip/address.ts'
import { libc } from '../sys/libc.ts'
import { FakeClock } from '../testing/fake-clock.ts'
import { echoOf, FakeResolver, fakeQuery } from '../testing/fake-resolver.ts'
import { until } from '../testing/until.ts'
import { frameOf } from './frame-reader.ts'
import { NodeDriver } from './node-driver.ts'
import { UpstreamSocketOptions } from './options.ts'

const stops: (() => unknown)[] = []

afterEach(async () => {
  for (const stop of stops.splice(0).toReversed()) await stop()
})

const families = { 4: 2, 6: 10 } as const
const types = { udp: 2, tcp: 1 } as const
const nonBlockingAndCloseOnExec = 0o2004000

function start(openSocket: (transport: 'udp' | 'tcp', family: IpFamily) => number) {
  const resolver = new FakeResolver()
  const options = UpstreamSocketOptions.parse({})
  const driver = new NodeDriver({
    clock: new FakeClock(),
    meters: new Meters(),
    options,
    openSocket,
  })
  driver.attach(resolver)
  stops.push(() => driver.stop())
  return { driver, resolver }
}

describe('NodeDriver on sockets that somebody else opens', {
  skip: process.platform !== 'linux',
}, () => {
  const opened: string[] = []
  const openSocket = (transport: 'udp' | 'tcp', family: IpFamily): number => {
    opened.push(transport)
    return libc().socket(families[family], types[transport] | nonBlockingAndCloseOnExec, 0)
  }

  it('asks over UDP', async () => {
    const upstream = createSocket('udp6').bind(0, '::1')
    stops.push(() => upstream.close())
    await once(upstream, 'listening')
    upstream.on('message', (octets, { port }) => upstream.send(echoOf(octets), port, '::1'))
    const { driver, resolver } = start(openSocket)
    const server = { address: '::1' as IpAddress, port: upstream.address().port }
    driver.ask({ server, transport: 'udp', lane: 1, octets: fakeQuery(1) })
    await until(() => resolver.reports.length === 1)
    assert.deepEqual(resolver.reports[0], { server, lane: 1, octets: echoOf(fakeQuery(1)) })
    assert.deepEqual(opened.splice(0), ['udp'])
  })

  it('asks over TCP', async () => {
    const upstream = createServer((socket) => {
      socket.on('data', (query) => socket.write(frameOf(echoOf(query.subarray(2)))))
    })
    upstream.listen(0, '127.0.0.1')
    stops.push(() => upstream.close())
    await once(upstream, 'listening')
    const { driver, resolver } = start(openSocket)
    const { port } = upstream.address() as AddressInfo
    const server = { address: '127.0.0.1' as IpAddress, port }
    driver.ask({ server, transport: 'tcp', lane: 99, octets: fakeQuery(1) })
    await until(() => resolver.reports.length === 1)
    assert.deepEqual(resolver.reports[0], { server, lane: 99, octets: echoOf(fakeQuery(1)) })
    assert.deepEqual(opened.splice(0), ['tcp'])
  })

  it('reports when none can be opened', async () => {
    const { driver, resolver } = start(() => {
      throw Object.assign(new Error('too many open files'), { code: 'EMFILE' })
    })
    const server = { address: '127.0.0.1' as IpAddress, port: 53 }
    driver.ask({ server, transport: 'udp', lane: 1, octets: fakeQuery(1) })
    driver.ask({ server, transport: 'tcp', lane: 99, octets: fakeQuery(2) })
    await until(() => resolver.reports.length === 2)
    assert.deepEqual(resolver.reports, [
      { server, lane: 1, reason: 'EMFILE' },
      { server, lane: 99, reason: 'EMFILE' },
    ])
  })
})
