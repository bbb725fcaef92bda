import assert from 'node:assert/strict'
import { Socket } from 'node:net'
import { text } from 'node:stream/consumers'
import { describe, it } from 'node:test'
import { parseIp } from '../ip/address.ts'
import { openMarkedSocket } from '../sys/marked-socket.ts'
import { FakeClock } from '../testing/fake-clock.ts'
import { closedPort, listenTcp } from '../testing/sockets.ts'
import { dial } from './dial.ts'
import type { DialTarget } from './dial-target.ts'

/** Dials into the void: no answer ever comes. */
class UnansweredSocket extends Socket {
  override connect(): this {
    return this
  }
}

function setUp() {
  const clock = new FakeClock()
  const cut = new AbortController()
  const sockets: Socket[] = []
  const createSocket = () => {
    const socket = new UnansweredSocket()
    sockets.push(socket)
    return socket
  }
  return { clock, cut, sockets, createSocket }
}

function loopback(port: number): DialTarget {
  return { kind: 'tcp', at: { address: parseIp('127.0.0.1'), port } }
}

describe('dial', () => {
  it('gives up after the time limit', async () => {
    const { clock, cut, sockets, createSocket } = setUp()
    const options = { clock, timeoutMs: 10_000, signal: cut.signal, createSocket }
    const dialled = dial(loopback(1), options)
    clock.advance(10_000)
    assert.deepEqual(await dialled, { kind: 'failed', code: 'ETIMEDOUT' })
    assert.equal(sockets[0]?.destroyed, true)
  })

  it('gives up when it is told to', async () => {
    const { clock, cut, sockets, createSocket } = setUp()
    const options = { clock, timeoutMs: 10_000, signal: cut.signal, createSocket }
    const dialled = dial(loopback(1), options)
    cut.abort()
    assert.deepEqual(await dialled, { kind: 'failed', code: 'ABORTED' })
    assert.deepEqual(await dial(loopback(1), options), { kind: 'failed', code: 'ABORTED' })
    assert.deepEqual(
      sockets.map(({ destroyed }) => destroyed),
      [true],
    )
  })

  it('says why the system refuses', async () => {
    const { clock, cut } = setUp()
    const options = { clock, timeoutMs: 10_000, signal: cut.signal }
    const refused = await dial(loopback(await closedPort()), options)
    assert.deepEqual(refused, { kind: 'failed', code: 'ECONNREFUSED' })
    const missing = await dial({ kind: 'unix', path: '/nonexistent/socket' }, options)
    assert.deepEqual(missing, { kind: 'failed', code: 'ENOENT' })
  })

  it('connects through a socket that was made elsewhere, and reads from it', async () => {
    const { clock, cut } = setUp()
    const { server, port } = await listenTcp((socket) => socket.end('hello'))
    const families: number[] = []
    const openSocket = (family: 4 | 6) => {
      families.push(family)
      return openMarkedSocket('tcp', family, 1)
    }
    const options = { clock, timeoutMs: 10_000, signal: cut.signal, openSocket }
    const dialled = await dial(loopback(port), options)
    assert.ok(dialled.kind === 'connected')
    assert.deepEqual(families, [4])
    assert.equal(await text(dialled.socket), 'hello')
    dialled.socket.destroy()
    server.close()
  })
})
