import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, afterEach, before, describe, it } from 'node:test'
import { parseIp } from '../ip/address.ts'
import { endpoint, servicePort, view } from '../testing/mesh.ts'
import { type RelayRig, type RelayRigOptions, startRelayRig } from '../testing/relay-rig.ts'
import { serviceOf } from '../testing/services.ts'
import { closedPort, converse, listenTcp } from '../testing/sockets.ts'
import type { Lookup } from './name-cache.ts'

/** Servers that say their name; `one` and `two` are TCP on 127.0.0.1, `six` is on ::1. */
const servers: Server[] = []
const ports = { one: 0, two: 0, six: 0, closed: 0 }
let folder = ''
let rig: RelayRig

async function startGreeter(name: string, host?: string): Promise<number> {
  const { server, port } = await listenTcp((socket) => {
    socket.resume()
    socket.end(name)
  }, host)
  servers.push(server)
  return port
}

async function startUnixGreeter(path: string): Promise<void> {
  const server = createServer({ allowHalfOpen: true }, (socket) => socket.resume().end(path))
  servers.push(server)
  server.listen({ path })
  await once(server, 'listening')
}

async function reach(destination: string, words?: string): Promise<string> {
  return converse(rig.call(destination), words)
}

async function start(options: RelayRigOptions): Promise<void> {
  rig = await startRelayRig(options)
}

/** Answers for names of `up.test`; the TTL is 30 s. */
function lookupOf(zone: Readonly<Record<string, readonly string[]>>): Lookup {
  return async (name, family) => {
    const addresses = (zone[name] ?? []).map(parseIp)
    const wanted = addresses.filter((address) => address.includes(':') === (family === 6))
    return { addresses: wanted, ttlSeconds: 30 }
  }
}

describe('a relay that is sent to services', { timeout: 600_000 }, () => {
  before(async () => {
    ports.one = await startGreeter('one')
    ports.two = await startGreeter('two')
    ports.six = await startGreeter('six', '::1')
    ports.closed = await closedPort()
    folder = await mkdtemp(join(tmpdir(), 'relay-'))
  })
  after(async () => {
    for (const server of servers) server.close()
    await rm(folder, { recursive: true })
  })
  afterEach(() => rig.stop())

  it('brings two services on one port to their own endpoints', async () => {
    await start({
      services: [
        serviceOf('a.test', { endpoints: [endpoint('127.0.0.1', { 80: ports.one })] }),
        serviceOf('b.test', { endpoints: [endpoint('127.0.0.1', { 80: ports.two })] }),
      ],
      virtual: { 'a.test': '240.240.0.1', 'b.test': '240.240.0.2' },
    })
    assert.equal(await reach('240.240.0.1:80'), 'one')
    assert.equal(await reach('240.240.0.2:80'), 'two')
  })

  it('serves every port of two entries for one host', async () => {
    await start({
      services: [
        serviceOf('a.test', { endpoints: [endpoint('127.0.0.1', { 80: ports.one })] }),
        serviceOf('a.test', {
          ports: [servicePort(5432)],
          endpoints: [endpoint('127.0.0.1', { 5432: ports.two })],
        }),
      ],
      virtual: { 'a.test': '240.240.0.1' },
    })
    assert.equal(await reach('240.240.0.1:80'), 'one')
    assert.equal(await reach('240.240.0.1:5432'), 'two')
  })

  it('shares connections by weight', async () => {
    const endpoints = [
      endpoint('127.0.0.1', { 80: ports.one }, { weight: 3 }),
      endpoint('127.0.0.1', { 80: ports.two }, { weight: 1 }),
    ]
    await start({
      services: [serviceOf('a.test', { endpoints })],
      virtual: { 'a.test': '240.240.0.1' },
    })
    const reached: string[] = []
    for (let call = 0; call < 8; call += 1) reached.push(await reach('240.240.0.1:80'))
    assert.deepEqual(reached.toSorted().join(' '), 'one one one one one one two two')
  })

  it('reaches endpoints over IPv6, from IPv6 addresses', async () => {
    await start({
      services: [serviceOf('a.test', { endpoints: [endpoint('::1', { 80: ports.six })] })],
      virtual: { 'a.test': '2001:2::1' },
    })
    assert.equal(await reach('[2001:2::1]:80'), 'six')
  })

  it('tries the next endpoint when one refuses, and leaves that one alone for a while', async () => {
    const endpoints = [ports.closed, ports.one].map((port) => endpoint('127.0.0.1', { 80: port }))
    await start({
      services: [serviceOf('a.test', { endpoints })],
      virtual: { 'a.test': '240.240.0.1' },
    })
    for (let call = 0; call < 4; call += 1) assert.equal(await reach('240.240.0.1:80'), 'one')
    const failures = 'meshdns_relay_connect_failures_total{ECONNREFUSED}'
    assert.equal(rig.counters()[failures], 1)
  })

  it('tries the other addresses of a dual-stack endpoint', async () => {
    // Where nobody listens, whatever port others of the machine were given.
    const otherAddresses = [parseIp('::1')]
    const endpoints = [endpoint('127.0.0.77', { 80: ports.six }, { otherAddresses })]
    await start({
      services: [serviceOf('a.test', { endpoints })],
      virtual: { 'a.test': '240.240.0.1' },
    })
    assert.equal(await reach('240.240.0.1:80'), 'six')
  })

  it('reaches unix sockets, by path and by abstract name', async () => {
    const path = join(folder, 'greeter.sock')
    const abstract = `meshdns-test-${process.pid}`
    await startUnixGreeter(path)
    await startUnixGreeter(`\0${abstract}`)
    await start({
      services: [
        serviceOf('a.test', { endpoints: [endpoint(`unix://${path}`, { 80: 0 })] }),
        serviceOf('b.test', { endpoints: [endpoint(`unix://@${abstract}`, { 80: 0 })] }),
      ],
      virtual: { 'a.test': '240.240.0.1', 'b.test': '240.240.0.2' },
    })
    assert.equal(await reach('240.240.0.1:80'), path)
    assert.equal(await reach('240.240.0.2:80'), `\0${abstract}`)
  })

  it('goes to where the client wanted when the mesh does not know it', async () => {
    await start({})
    assert.equal(await reach(`127.0.0.1:${ports.one}`), 'one')
  })

  it('goes to where the client wanted with resolution NONE, on the target port', async () => {
    const declared = { ...servicePort(80), targetPort: ports.two }
    const addresses = [parseIp('127.0.0.1')]
    await start({
      services: [serviceOf('a.test', { resolution: 'NONE', addresses, ports: [declared] })],
    })
    assert.equal(await reach('127.0.0.1:80'), 'two')
  })

  it('takes all addresses of a name in turn', async () => {
    const endpoints = [endpoint('db.up.test', { 80: ports.one })]
    await start({
      services: [serviceOf('a.test', { resolution: 'DNS', endpoints })],
      virtual: { 'a.test': '240.240.0.1' },
      // Loopback has many addresses; our server has only the last.
      lookup: lookupOf({ 'db.up.test': ['127.0.0.3', '127.0.0.2', '127.0.0.1'] }),
    })
    assert.equal(await reach('240.240.0.1:80'), 'one')
    assert.equal(rig.counters()['meshdns_relay_connect_failures_total{ECONNREFUSED}'], 2)
  })

  it('takes the first address of a name with DNS_ROUND_ROBIN', async () => {
    const endpoints = [endpoint('db.up.test', { 80: ports.one })]
    await start({
      services: [serviceOf('a.test', { resolution: 'DNS_ROUND_ROBIN', endpoints })],
      virtual: { 'a.test': '240.240.0.1' },
      lookup: lookupOf({ 'db.up.test': ['127.0.0.1', '127.0.0.2'] }),
    })
    for (let call = 0; call < 4; call += 1) assert.equal(await reach('240.240.0.1:80'), 'one')
    assert.equal(rig.counters()['meshdns_relay_connect_failures_total{ECONNREFUSED}'], undefined)
  })

  it('prefers the addresses of the family that the client dialled', async () => {
    const endpoints = [endpoint('db.up.test', { 80: ports.six })]
    await start({
      services: [serviceOf('a.test', { resolution: 'DNS', endpoints })],
      virtual: { 'a.test': '2001:2::1' },
      lookup: lookupOf({ 'db.up.test': ['127.0.0.1', '::1'] }),
    })
    assert.equal(await reach('[2001:2::1]:80'), 'six')
    assert.equal(rig.counters()['meshdns_relay_connect_failures_total{ECONNREFUSED}'], undefined)
  })

  it('resolves the host that the client names, below a wildcard with DYNAMIC_DNS', async () => {
    const declared = { ...servicePort(80, 'HTTP'), targetPort: ports.one }
    const facts = { resolution: 'DYNAMIC_DNS', ports: [declared] } as const
    await start({
      services: [serviceOf('*.wild.test', facts)],
      virtual: { '*.wild.test': '240.240.0.1' },
      lookup: lookupOf({ 'a.wild.test': ['127.0.0.1'], 'b.other.test': ['127.0.0.1'] }),
    })
    const request = (host: string) => `GET / HTTP/1.1\r\nHost: ${host}\r\n\r\n`
    assert.equal(await reach('240.240.0.1:80', request('a.wild.test')), 'one')
    assert.equal(await reach('240.240.0.1:80', request('b.other.test')), 'ECONNRESET')
    assert.equal(await reach('240.240.0.1:80', request('c.wild.test')), 'ECONNRESET')
    assert.equal(await reach('240.240.0.1:80', 'QUIT\r\n'), 'ECONNRESET')
    assert.deepEqual(
      rig.warnings.map(({ reason }) => reason),
      ['server_name_mismatch', 'name_not_resolved', 'no_server_name'],
    )
  })

  it('tells services with one explicit address and port apart by the name in the request', async () => {
    const addresses = [parseIp('198.51.100.1')]
    const facts = { addresses, ports: [servicePort(80, 'HTTP')] }
    await start({
      services: [
        serviceOf('a.test', { ...facts, endpoints: [endpoint('127.0.0.1', { 80: ports.one })] }),
        serviceOf('b.test', { ...facts, endpoints: [endpoint('127.0.0.1', { 80: ports.two })] }),
      ],
    })
    const request = (host: string) => `GET / HTTP/1.1\r\nHost: ${host}\r\n\r\n`
    assert.equal(await reach('198.51.100.1:80', request('b.test')), 'two')
    assert.equal(await reach('198.51.100.1:80', request('a.test')), 'one')
    assert.equal(await reach('198.51.100.1:80', request('198.51.100.1')), 'one')
  })

  it('carries an undeclared port to what the name really stands for, where that is allowed', async () => {
    await start({
      services: [serviceOf('a.test')],
      virtual: { 'a.test': '240.240.0.1' },
      options: { undeclaredPort: 'PASSTHROUGH' },
      lookup: lookupOf({ 'a.test': ['127.0.0.1'] }),
    })
    assert.equal(await reach(`240.240.0.1:${ports.two}`), 'two')
  })

  it('follows a new table at once, and leaves connections alone that exist', async () => {
    const to = (port: number) =>
      serviceOf('a.test', { endpoints: [endpoint('127.0.0.1', { 80: port })] })
    const { server, port } = await listenTcp((socket) => socket.pipe(socket))
    servers.push(server)
    await start({ services: [to(port)], virtual: { 'a.test': '240.240.0.1' } })
    const old = rig.call('240.240.0.1:80')
    old.write('first ')
    assert.equal(String(await once(old, 'data')), 'first ')
    for (const seen of view([to(ports.two)], { 'a.test': '240.240.0.1' }).values()) {
      rig.table.update(seen.host, seen)
    }
    assert.equal(await reach('240.240.0.1:80'), 'two')
    assert.equal(await converse(old, 'second'), 'second')
  })
})
