import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type ClientHttp2Session, connect as connectHttp2 } from 'node:http2'
import { connect, type Socket } from 'node:net'
import { describe, it, type TestContext } from 'node:test'
import { connect as connectTls } from 'node:tls'
import { status } from '@grpc/grpc-js'
import { addressResource } from '../../src/testing/address-resources.ts'
import { DeadlineClock } from '../../src/testing/deadline-clock.ts'
import { EnvoyStream, envoyNode } from '../../src/testing/envoy-discovery-client.ts'
import { until } from '../../src/testing/until.ts'
import { startXdsServerRig, type XdsServerRig } from '../../src/testing/xds-server-rig.ts'
import { startXdsTlsRig } from '../../src/testing/xds-tls-rig.ts'
import { xdsStreams } from '../../src/xds/server/meters.ts'

const typeUrl = 'type.googleapis.com/istio.workload.Address'

/** Somebody who behaves, to see that he is not harmed. */
class GoodClient {
  readonly #rig: XdsServerRig
  readonly #stream: EnvoyStream
  #version = 0

  private constructor(rig: XdsServerRig, stream: EnvoyStream) {
    this.#rig = rig
    this.#stream = stream
  }

  static async join(test: TestContext, rig: XdsServerRig): Promise<GoodClient> {
    const stream = new EnvoyStream(rig.plaintext, 'DeltaAggregatedResources')
    test.after(() => stream.close())
    const client = new GoodClient(rig, stream)
    stream.send({ node: envoyNode('ztunnel', 'good'), type_url: typeUrl })
    await client.#hear()
    return client
  }

  async #hear(): Promise<number> {
    const { nonce, resources } = await this.#stream.next()
    this.#stream.send({ type_url: typeUrl, response_nonce: nonce })
    return resources.length
  }

  async isUnharmed(): Promise<void> {
    this.#version += 1
    const put = [addressResource('ns1/a.test', { version: String(this.#version) })]
    this.#rig.server.publish({ put, drop: [] })
    assert.equal(await this.#hear(), 1)
  }
}

function portOf(address: string): number {
  return Number(address.split(':').at(-1))
}

/** Connects, says something, and waits until it is cut off. */
async function cutOff(port: number, words: string | Uint8Array = ''): Promise<void> {
  const socket = connect(port, '127.0.0.1')
  socket.on('error', () => {})
  if (words.length > 0) socket.write(words)
  socket.resume()
  await once(socket, 'close')
}

async function toldOf(rig: XdsServerRig, reason: string): Promise<void> {
  await until(() => rig.lines.some((line) => line.reason === reason))
}

const firstRequestTimeoutMs = 54_321

/** The time for a first request is over when the test says so, and not before a good client made its own. */
async function startWithDeadline(test: TestContext) {
  const clock = new DeadlineClock(firstRequestTimeoutMs)
  const options = { limits: { firstRequestTimeoutMs } }
  return { rig: await startXdsServerRig(test, { options, clock }), clock }
}

describe('a hostile client of the xds server', () => {
  it('is cut off when it does not speak HTTP/2', async (test) => {
    const rig = await startXdsServerRig(test)
    const good = await GoodClient.join(test, rig)
    await cutOff(portOf(rig.plaintext), 'GET / HTTP/1.1\r\nHost: x\r\n\r\n')
    await cutOff(portOf(rig.plaintext), new Uint8Array(4_096).fill(0xaa))
    await toldOf(rig, 'not_http2')
    await good.isUnharmed()
  })

  it('is cut off when it sends broken frames after a good beginning', async (test) => {
    const rig = await startXdsServerRig(test)
    const good = await GoodClient.join(test, rig)
    const preface = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0', 'latin1')
    await cutOff(portOf(rig.plaintext), Buffer.concat([preface, Buffer.alloc(64, 0xff)]))
    await toldOf(rig, 'http2_misused')
    await good.isUnharmed()
  })

  it('is cut off when it makes no call in time', async (test) => {
    const { rig, clock } = await startWithDeadline(test)
    const good = await GoodClient.join(test, rig)
    await Promise.all([cutOff(portOf(rig.plaintext)), clock.expire()])
    await toldOf(rig, 'no_request')
    await good.isUnharmed()
  })

  it('is refused when its call says nothing in time', async (test) => {
    const { rig, clock } = await startWithDeadline(test)
    const stream = new EnvoyStream(rig.plaintext, 'DeltaAggregatedResources')
    test.after(() => stream.close())
    await until(() => rig.meters.cell(xdsStreams, 'delta').value === 1)
    await clock.expire()
    assert.equal((await stream.ending())?.code, status.DEADLINE_EXCEEDED)
    await toldOf(rig, 'no_request')
  })

  it('is cut off when it takes too long over the handshake', async (test) => {
    const rig = await startXdsTlsRig(test, { limits: { handshakeTimeoutMs: 200 } })
    const good = await GoodClient.join(test, rig)
    await cutOff(portOf(rig.tls), '\x16\x03\x01\x02\x00\x01')
    await toldOf(rig, 'tls_handshake')
    await good.isUnharmed()
  })

  it('is cut off when it speaks a TLS that is too old', async (test) => {
    const rig = await startXdsTlsRig(test)
    const port = portOf(rig.tls)
    const old = {
      minVersion: 'TLSv1.1',
      maxVersion: 'TLSv1.1',
      ciphers: 'DEFAULT@SECLEVEL=0',
    } as const
    const socket = connectTls({ port, host: '127.0.0.1', rejectUnauthorized: false, ...old })
    await once(socket, 'error')
    await toldOf(rig, 'tls_handshake')
    const line = rig.lines.find(({ reason }) => reason === 'tls_handshake')
    assert.ok(line?.error instanceof Error && 'code' in line.error)
    assert.equal(line.error.code, 'ERR_SSL_UNSUPPORTED_PROTOCOL')
  })

  it('is cut off when it does not speak TLS at all', async (test) => {
    const rig = await startXdsTlsRig(test)
    await cutOff(portOf(rig.tls), 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n')
    await toldOf(rig, 'tls_handshake')
  })

  it('may not have TLS 1.2 where the mesh wants 1.3', async (test) => {
    const rig = await startXdsTlsRig(test, { minTlsVersion: 'TLSv1.3' })
    const socket = connectTls({
      port: portOf(rig.tls),
      host: '127.0.0.1',
      rejectUnauthorized: false,
      maxVersion: 'TLSv1.2',
    })
    await once(socket, 'error')
    await toldOf(rig, 'tls_handshake')
  })

  it('is refused with a message that cannot be read', async (test) => {
    const rig = await startXdsServerRig(test)
    const good = await GoodClient.join(test, rig)
    const code = await sendRaw(test, rig.plaintext, Buffer.from([0, 0, 0, 0, 3, 0xff, 0xff, 0xff]))
    assert.equal(code, status.INVALID_ARGUMENT)
    await toldOf(rig, 'message_not_understood')
    await good.isUnharmed()
  })

  it('is refused with a message that is too large, also before it was sent whole', async (test) => {
    const rig = await startXdsServerRig(test, { options: { limits: { maxRequestOctets: 65_536 } } })
    const good = await GoodClient.join(test, rig)
    const code = await sendRaw(test, rig.plaintext, Buffer.from([0, 0x7f, 0xff, 0xff, 0xff, 0]))
    assert.equal(code, status.RESOURCE_EXHAUSTED)
    await toldOf(rig, 'message_too_large')
    await good.isUnharmed()
  })

  it('gets no more names than a stream may have', async (test) => {
    const rig = await startXdsServerRig(test, { options: { limits: { maxNamesPerStream: 10 } } })
    for (const variant of ['DeltaAggregatedResources', 'StreamAggregatedResources'] as const) {
      const stream = new EnvoyStream(rig.plaintext, variant)
      test.after(() => stream.close())
      const names = Array.from({ length: 11 }, (_, at) => `ns1/${at}.test`)
      const wanted = { resource_names: names, resource_names_subscribe: names }
      stream.send({ node: envoyNode('ztunnel'), type_url: typeUrl, ...wanted })
      assert.equal((await stream.ending())?.code, status.RESOURCE_EXHAUSTED)
    }
    await toldOf(rig, 'too_many_names')
  })

  it('gets no stream where there are enough', async (test) => {
    const rig = await startXdsServerRig(test, { options: { limits: { maxStreams: 1 } } })
    const good = await GoodClient.join(test, rig)
    const stream = new EnvoyStream(rig.plaintext, 'DeltaAggregatedResources')
    test.after(() => stream.close())
    assert.equal((await stream.ending())?.code, status.RESOURCE_EXHAUSTED)
    await toldOf(rig, 'too_many_streams')
    await good.isUnharmed()
  })

  it('cannot fill the server with ten thousand idle connections', async (test) => {
    const limits = { maxConnectionsPerAddress: 100, newConnectionsBurst: 20_000 }
    const rig = await startXdsServerRig(test, { options: { limits } })
    const good = await GoodClient.join(test, rig)
    const open = new Set<Socket>()
    test.after(() => open.forEach((socket) => socket.destroy()))
    for (let batch = 0; batch < 100; batch += 1) {
      await Promise.all(Array.from({ length: 100 }, () => connectIdle(portOf(rig.plaintext), open)))
    }
    await until(() => open.size < 100)
    await toldOf(rig, 'too_many_connections_of_address')
    assert.ok(rig.lines.length < 100, 'the log is not flooded')
    await good.isUnharmed()
  })

  it('cannot connect over and over', async (test) => {
    const limits = { newConnectionsBurst: 20, newConnectionsPerSecond: 1 }
    const rig = await startXdsServerRig(test, { options: { limits } })
    const good = await GoodClient.join(test, rig)
    const open = new Set<Socket>()
    test.after(() => open.forEach((socket) => socket.destroy()))
    for (let count = 0; count < 50; count += 1) await connectIdle(portOf(rig.plaintext), open)
    await toldOf(rig, 'too_many_new_connections_of_address')
    await good.isUnharmed()
  })
})

/** Connects, says nothing, and stays in `open` for as long as the other side lets it. */
async function connectIdle(port: number, open: Set<Socket>): Promise<void> {
  const socket = connect(port, '127.0.0.1')
  socket.on('error', () => {})
  socket.resume()
  open.add(socket)
  socket.once('close', () => open.delete(socket))
  await Promise.race([once(socket, 'connect'), once(socket, 'close')])
}

/** Sends octets as the body of a call, and waits for the status that it ends with. */
async function sendRaw(test: TestContext, address: string, octets: Buffer): Promise<number> {
  const session: ClientHttp2Session = connectHttp2(`http://${address}`)
  session.on('error', () => {})
  test.after(() => session.destroy())
  const stream = session.request({
    ':method': 'POST',
    ':path': '/envoy.service.discovery.v3.AggregatedDiscoveryService/DeltaAggregatedResources',
    'content-type': 'application/grpc',
    te: 'trailers',
  })
  stream.on('error', () => {})
  stream.write(octets)
  let found = -1
  const read = (headers: Readonly<Record<string, unknown>>) => {
    if (headers['grpc-status'] !== undefined) found = Number(headers['grpc-status'])
  }
  stream.on('response', read)
  stream.on('trailers', read)
  stream.resume()
  await until(() => found >= 0)
  return found
}

interface NodeCase {
  readonly name: string
  readonly node?: object
  readonly details: RegExp
}

const withId = (id: string) => ({ ...envoyNode('sidecar'), id })
const nodes: readonly NodeCase[] = [
  { name: 'no node', details: /there is none/ },
  { name: 'an empty id', node: withId(''), details: /has 1 parts/ },
  { name: 'an id of three parts', node: withId('sidecar~1.1.1.1~a.b'), details: /3 parts/ },
  { name: 'a type nobody knows', node: withId('x~1.1.1.1~a.b~c'), details: /type "x"/ },
  { name: 'no address', node: withId('sidecar~here~a.b~c'), details: /"here" in the id/ },
  {
    name: 'a flag that is no text',
    node: envoyNode('sidecar', 'a', { DNS_CAPTURE: true }),
    details: /DNS_CAPTURE is a boolean, not a text such as "true"; put it into quotation marks/,
  },
]

describe('a stream that does not say who it is', () => {
  for (const { name, node, details } of nodes) {
    it(`is refused with ${name}`, async (test) => {
      const rig = await startXdsServerRig(test)
      const stream = new EnvoyStream(rig.plaintext, 'DeltaAggregatedResources')
      test.after(() => stream.close())
      stream.send({ type_url: typeUrl, ...(node ? { node } : {}) })
      const error = await stream.ending()
      assert.equal(error?.code, status.INVALID_ARGUMENT)
      assert.match(error?.details ?? '', details)
      await toldOf(rig, 'node_not_understood')
    })
  }
})
