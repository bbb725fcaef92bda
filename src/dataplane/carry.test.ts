import assert from 'node:assert/strict'
import { once } from 'node:events'
import type { Socket } from 'node:net'
import { describe, it } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import { FakeClock } from '../testing/fake-clock.ts'
import { endingOf, readAll, socketPair } from '../testing/sockets.ts'
import { carry } from './carry.ts'

const idleTimeoutMs = 60_000

/** Two applications that are joined by a carriage: what one writes the other should read. */
async function setUp(head = '') {
  const [client, application] = await socketPair()
  const [endpoint, server] = await socketPair()
  const clock = new FakeClock()
  const cut = new AbortController()
  const toEndpoint = { value: 0 }
  const toClient = { value: 0 }
  const options = { clock, idleTimeoutMs, toEndpoint, toClient, signal: cut.signal }
  const over = carry({ client, endpoint, head: Buffer.from(head) }, options)
  return { application, server, client, endpoint, clock, cut, toEndpoint, toClient, over }
}

describe('carry', { timeout: 600_000 }, () => {
  it('carries both directions and counts the octets', async () => {
    const { application, server, over, toEndpoint, toClient } = await setUp()
    application.end('question')
    assert.equal(await readAll(server), 'question')
    server.end('the answer')
    assert.equal(await readAll(application), 'the answer')
    assert.equal(await over, 'ended')
    assert.deepEqual([toEndpoint.value, toClient.value], [8, 10])
  })

  it('gives the endpoint first what was already read', async () => {
    const { application, server, over, toEndpoint } = await setUp('read ')
    application.end('before')
    assert.equal(await readAll(server), 'read before')
    server.end()
    await readAll(application)
    assert.equal(await over, 'ended')
    assert.equal(toEndpoint.value, 11)
  })

  const directions = [
    { name: 'the client', first: 'application', second: 'server' },
    { name: 'the endpoint', first: 'server', second: 'application' },
  ] as const
  for (const { name, first, second } of directions) {
    it(`goes on with the other direction when ${name} has ended its own`, async () => {
      const pair = await setUp()
      const [ending, going] = [pair[first], pair[second]]
      ending.end()
      assert.equal(await endingOf(going), 'end')
      for (const text of ['one ', 'two ', 'three']) going.write(text)
      going.end()
      assert.equal(await readAll(ending), 'one two three')
      assert.equal(await pair.over, 'ended')
    })

    it(`resets the other side when ${name} breaks off`, async () => {
      const pair = await setUp()
      const ended = endingOf(pair[second])
      pair[first].resetAndDestroy()
      assert.equal(await ended, 'ECONNRESET')
      assert.equal(await pair.over, 'reset')
    })
  }

  it('stops reading from a writer whose reader is slow, and loses nothing', async () => {
    const { application, server, client, endpoint, over, toEndpoint } = await setUp()
    const total = 64 * 1024 * 1024
    const chunk = Buffer.alloc(1024 * 1024)
    for (let written = 0; written < total; written += chunk.length) application.write(chunk)
    application.end()
    await untilStill(() => client.isPaused() && endpoint.writableNeedDrain)
    assert.ok(toEndpoint.value < total / 2, `${toEndpoint.value} octets were taken`)
    assert.ok(endpoint.writableLength <= 2 * 65_536, `${endpoint.writableLength} octets are held`)
    assert.ok(client.readableLength <= 2 * 65_536, `${client.readableLength} octets are held`)

    let received = 0
    server.on('data', (data: Buffer) => {
      received += data.length
    })
    await once(server, 'end')
    server.end()
    await readAll(application)
    assert.equal(await over, 'ended')
    assert.equal(received, total)
  })

  it('resets both sides when nothing moves for the idle time', async () => {
    const { application, server, clock, over } = await setUp()
    const ended = [endingOf(application), endingOf(server)]
    clock.advance(idleTimeoutMs)
    assert.deepEqual(await Promise.all(ended), ['ECONNRESET', 'ECONNRESET'])
    assert.equal(await over, 'idle')
  })

  it('counts the idle time from the last octet in either direction', async () => {
    const { application, server, clock, over } = await setUp()
    for (const [from, to] of [
      [application, server],
      [server, application],
    ] as const) {
      clock.advance(idleTimeoutMs - 1)
      await send(from, to)
    }
    clock.advance(idleTimeoutMs - 1)
    await send(application, server)
    clock.advance(idleTimeoutMs)
    assert.equal(await over, 'idle')
  })

  it('resets both sides when it is cut', async () => {
    const { application, server, cut, over } = await setUp()
    const ended = [endingOf(application), endingOf(server)]
    cut.abort()
    assert.deepEqual(await Promise.all(ended), ['ECONNRESET', 'ECONNRESET'])
    assert.equal(await over, 'stopped')
  })

  it('lets the endpoint go when the client is gone before it begins', async () => {
    const [client] = await socketPair()
    const [endpoint, server] = await socketPair()
    client.destroy()
    const ended = endingOf(server)
    const cells = { toEndpoint: { value: 0 }, toClient: { value: 0 } }
    const { signal } = new AbortController()
    const options = { clock: new FakeClock(), idleTimeoutMs, signal, ...cells }
    assert.equal(await carry({ client, endpoint, head: Buffer.alloc(0) }, options), 'reset')
    assert.equal(await ended, 'ECONNRESET')
  })
})

async function send(from: Socket, to: Socket): Promise<void> {
  const arrived = once(to, 'data')
  to.resume()
  from.write('.')
  await arrived
}

/** Waits until the condition has held for a hundred turns of the event loop. */
async function untilStill(condition: () => boolean): Promise<void> {
  for (let held = 0; held < 100; held += 1) {
    if (!condition()) held = 0
    await setImmediate()
  }
}
