import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { request } from 'node:http'
import { connect } from 'node:net'
import { networkInterfaces } from 'node:os'
import { text } from 'node:stream/consumers'
import { afterEach, describe, it } from 'node:test'
import { Health, type HealthSpec } from '../base/health.ts'
import { type Log, silentLog } from '../base/log.ts'
import type { IpAddress } from '../ip/address.ts'
import { type AdminServer, startAdminServer } from './admin-server.ts'
import {
  debugPage,
  healthPage,
  livenessPage,
  metricsPage,
  type Readiness,
  readinessPage,
} from './pages.ts'
import { json, longJson, type Routes } from './route.ts'

const stops: (() => unknown)[] = []

afterEach(async () => {
  for (const stop of stops.splice(0)) await stop()
})

async function start(routes: Routes, address = '127.0.0.1', log: Log = silentLog) {
  const where = { address: address as IpAddress, port: 0 }
  const ports = { log, allowedHosts: ['agent.test'], maxConnections: 64 }
  const server = await startAdminServer(where, routes, ports)
  stops.push(() => server.stop())
  return server
}

interface Asked {
  readonly method?: string
  readonly host?: string
  /** Where the caller connects to, when not to the server's own address. */
  readonly to?: string
}

async function ask(server: AdminServer, path: string, asked: Asked = {}) {
  const { address, port } = server.address
  const sent = request({
    host: asked.to ?? address,
    port,
    path,
    agent: false,
    method: asked.method ?? 'GET',
    ...(asked.host ? { headers: { host: asked.host } } : {}),
  })
  sent.end()
  const [response] = await once(sent, 'response')
  const body = await text(response)
  return { status: response.statusCode as number, headers: response.headers, body }
}

const upstreamsDown: HealthSpec = {
  code: 'UPSTREAMS_DOWN',
  severity: 'down',
  title: 'No upstream answers',
  hint: 'Look at resolv.conf.',
}
const sourceStale: HealthSpec = { ...upstreamsDown, code: 'SOURCE_STALE', severity: 'degraded' }

describe('AdminServer', () => {
  it('says ready once it is, and before that why not', async () => {
    let readiness: Readiness = { ready: false, reason: 'waiting for the first table' }
    const server = await start({ '/healthz/ready': readinessPage(() => readiness) })
    const before = await ask(server, '/healthz/ready')
    assert.equal(before.status, 503)
    assert.deepEqual(JSON.parse(before.body), readiness)
    readiness = { ready: true }
    const after = await ask(server, '/healthz/ready')
    assert.deepEqual([after.status, JSON.parse(after.body)], [200, { ready: true }])
  })

  it('writes long lists in parts, and does other work meanwhile', async () => {
    const items = Array.from({ length: 20_000 }, (_, at) => ({ at, text: `"${at}"\n` }))
    const lists = { empty: [], items, more: [1, undefined] }
    const server = await start({
      '/long': { summary: '', access: 'anyone', respond: () => longJson({ a: { b: 1 } }, lists) },
    })
    let turns = 0
    const counting = setInterval(() => {
      turns += 1
    })
    const { body, headers } = await ask(server, '/long')
    clearInterval(counting)
    assert.deepEqual(JSON.parse(body), { a: { b: 1 }, ...lists, more: [1, null] })
    assert.equal(headers['content-length'], undefined)
    assert.ok(turns > 0)
  })

  it('writes an object without long lists', async () => {
    const server = await start({
      '/long': { summary: '', access: 'anyone', respond: () => longJson({}, { items: [] }) },
    })
    assert.deepEqual(JSON.parse((await ask(server, '/long')).body), { items: [] })
  })

  it('hands the question of a debug page to it', async () => {
    const server = await start({
      '/debug': debugPage('', (query) => ({ proxy: query.get('proxyID') })),
    })
    const { body } = await ask(server, '/debug?proxyID=a%7Eb&x=1')
    assert.deepEqual(JSON.parse(body), { proxy: 'a~b' })
  })

  it('lists the problems there are', async () => {
    const health = new Health()
    const server = await start({ '/health': healthPage(health) })
    assert.deepEqual(JSON.parse((await ask(server, '/health')).body), { status: 'ok', items: [] })
    health.set(sourceStale, 'entries.yaml')
    const degraded = await ask(server, '/health')
    assert.deepEqual([degraded.status, JSON.parse(degraded.body).status], [200, 'degraded'])
    health.set(upstreamsDown, '192.0.2.53:53')
    const down = await ask(server, '/health')
    assert.equal(down.status, 503)
    assert.deepEqual(JSON.parse(down.body), { status: 'down', items: health.items() })
  })

  it('serves metrics and liveness with their content types', async () => {
    const render = async () => 'a_total 1\n'
    const server = await start({
      '/metrics': metricsPage('text/plain; version=0.0.4', render),
      '/healthz/live': livenessPage,
    })
    const metrics = await ask(server, '/metrics?x=1')
    assert.deepEqual([metrics.status, metrics.body], [200, 'a_total 1\n'])
    assert.equal(metrics.headers['content-type'], 'text/plain; version=0.0.4')
    assert.equal(metrics.headers['x-content-type-options'], 'nosniff')
    assert.equal((await ask(server, '/healthz/live')).status, 200)
  })

  it('answers HEAD without a body', async () => {
    const server = await start({ '/healthz/live': livenessPage })
    const { status, headers, body } = await ask(server, '/healthz/live', { method: 'HEAD' })
    assert.deepEqual([status, body], [200, ''])
    assert.ok(Number(headers['content-length']) > 0)
  })

  it('shows debug pages, or an empty object where there is nothing', async () => {
    let table: unknown
    const server = await start({ '/debug/ndsz': debugPage('The name table.', () => table) })
    const none = await ask(server, '/debug/ndsz')
    assert.deepEqual([none.status, JSON.parse(none.body)], [404, {}])
    table = { table: { 'a.test': { ips: ['192.0.2.1'] } } }
    const some = await ask(server, '/debug/ndsz')
    assert.deepEqual([some.status, JSON.parse(some.body)], [200, table])
  })

  it('knows callers on this machine on IPv6, too', async () => {
    const server = await start({ '/debug/x': debugPage('X.', () => 1) }, '::1')
    assert.equal((await ask(server, '/debug/x')).status, 200)
  })

  const outside = Object.values(networkInterfaces())
    .flat()
    .find((found) => found?.family === 'IPv4' && !found.internal)?.address
  const skip = outside === undefined ? 'this machine has no address but loopback' : false
  it('shows debug pages to nobody elsewhere, and the others to everybody', { skip }, async () => {
    const routes = { '/debug/x': debugPage('X.', () => 1), '/healthz/live': livenessPage }
    const server = await start(routes, '0.0.0.0')
    for (const [to, status] of [
      [outside, 403],
      ['127.0.0.1', 200],
    ] as const) {
      assert.equal((await ask(server, '/debug/x', to ? { to } : {})).status, status)
      assert.equal((await ask(server, '/healthz/live', to ? { to } : {})).status, 200)
    }
  })

  it('gives the query to the page', async () => {
    const server = await start({
      '/echo': {
        summary: 'Echo.',
        access: 'anyone',
        respond: ({ path, query }) => json(200, { path, name: query.get('name') }),
      },
    })
    const { body } = await ask(server, '/echo?name=a%3Fb?')
    assert.deepEqual(JSON.parse(body), { path: '/echo', name: 'a?b?' })
  })

  const refusals = [
    { name: 'an unknown page', path: '/nothing', asked: {}, status: 404 },
    { name: 'a page that only objects have', path: '/__proto__', asked: {}, status: 404 },
    { name: 'a change', path: '/healthz/live', asked: { method: 'POST' }, status: 405 },
    { name: 'a deletion', path: '/healthz/live', asked: { method: 'DELETE' }, status: 405 },
    { name: 'another host', path: '/healthz/live', asked: { host: 'evil.test' }, status: 403 },
    {
      name: 'an allowed host',
      path: '/healthz/live',
      asked: { host: 'agent.test:1' },
      status: 200,
    },
  ]
  for (const { name, path, asked, status } of refusals) {
    it(`answers ${status} to ${name}`, async () => {
      const server = await start({ '/healthz/live': livenessPage })
      const answer = await ask(server, path, asked)
      assert.equal(answer.status, status)
      if (status === 405) assert.equal(answer.headers.allow, 'GET, HEAD')
    })
  }

  it('answers 500 and logs when a page fails, and goes on', async () => {
    const logged: string[] = []
    const log: Log = { ...silentLog, error: (_fields, message) => logged.push(message) }
    const fails = () => {
      throw new Error('secret detail')
    }
    const server = await start(
      { '/bad': debugPage('Bad.', fails), '/ok': livenessPage },
      undefined,
      log,
    )
    const { status, body } = await ask(server, '/bad')
    assert.equal(status, 500)
    assert.doesNotMatch(body, /secret/)
    assert.deepEqual(logged, ['page failed'])
    assert.equal((await ask(server, '/ok')).status, 200)
  })

  const garbage = [
    { name: 'random octets', octets: randomBytes(2_000) },
    { name: 'a TLS hello', octets: Buffer.from('16030100c5010000c10303', 'hex') },
    {
      name: 'a header that never ends',
      octets: Buffer.from(`GET / HTTP/1.1\r\nX: ${'x'.repeat(20_000)}`),
    },
    { name: 'no host', octets: Buffer.from('GET /healthz/live HTTP/1.1\r\n\r\n') },
    {
      name: 'a tunnel',
      octets: Buffer.from('CONNECT evil.test:443 HTTP/1.1\r\nHost: evil.test\r\n\r\n'),
    },
    {
      name: 'two lengths',
      octets: Buffer.from(
        'GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n',
      ),
    },
    { name: 'half a request', octets: Buffer.from('GET /heal') },
  ]
  for (const { name, octets } of garbage) {
    it(`lives through ${name}`, async () => {
      const server = await start({ '/healthz/live': livenessPage })
      const { address, port } = server.address
      const socket = connect({ host: address, port })
      socket.on('error', () => {})
      const closed = once(socket, 'close')
      socket.resume()
      socket.end(octets)
      await closed
      assert.equal((await ask(server, '/healthz/live')).status, 200)
    })
  }

  it('stops with connections open', async () => {
    const server = await start({ '/healthz/live': livenessPage })
    const { address, port } = server.address
    const socket = connect({ host: address, port })
    socket.on('error', () => {})
    const closed = once(socket, 'close')
    await once(socket, 'connect')
    socket.resume()
    await server.stop()
    await server.stop()
    await closed
  })

  it('says who to look for when the port is taken', async () => {
    const { address } = await start({})
    const ports = { log: silentLog, allowedHosts: [], maxConnections: 1 }
    await assert.rejects(
      startAdminServer(address, {}, ports),
      (error: { code?: string; hint?: string }) => {
        assert.equal(error.code, 'ADMIN_BIND')
        assert.match(error.hint ?? '', new RegExp(`ss -Hltnp 'sport = :${address.port}'`))
        return true
      },
    )
  })
})
