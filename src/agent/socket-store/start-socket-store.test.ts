import assert from 'node:assert/strict'
import { closeSync, openSync, readdirSync } from 'node:fs'
import { connect } from 'node:net'
import { describe, it, type TestContext } from 'node:test'
import { silentLog } from '../../base/log.ts'
import { DescriptorPost } from '../../sys/descriptor-post.ts'
import { FakeClock } from '../../testing/fake-clock.ts'
import { temporaryFolder } from '../../testing/temporary-folder.ts'
import { until } from '../../testing/until.ts'
import { startSocketStore } from './start-socket-store.ts'
import { StoreConnection } from './store-connection.ts'
import { storePaths } from './store-paths.ts'

const skip = process.platform === 'linux' ? false : 'Linux only'
const pod = { pod: 'ns/pod', note: 'a note' }

async function start(test: TestContext) {
  const folder = await temporaryFolder(test)
  const clock = new FakeClock()
  const options = { folder, patienceMs: 30_000, table: 'meshdns' }
  const store = await startSocketStore(options, { clock, log: silentLog })
  const paths = storePaths(folder)
  const post = DescriptorPost.open(paths.agent)
  const open = async () =>
    (await StoreConnection.open(paths.control, new FakeClock())) ?? assert.fail()
  const connection = await open()
  test.after(async () => {
    connection.close()
    post.close()
    await store.stop()
  })
  /** Sends copies of a file. */
  const send = (label: string, count = 2) => {
    const fd = openSync('/proc/self/status', 'r')
    assert.ok(post.send(paths.store, { label, fds: Array(count).fill(fd) }))
    closeSync(fd)
  }
  return { clock, store, post, paths, connection, open, send }
}

function descriptors(): number {
  return readdirSync('/proc/self/fd').length
}

describe('a socket store', { skip }, () => {
  it('gives back what it was given, again and again', async (test) => {
    const { connection, post, send } = await start(test)
    send('a')
    assert.deepEqual(await connection.ask({ do: 'hold', key: 'a', ...pod }), {})
    assert.deepEqual(await connection.ask({ do: 'list' }), { keys: ['a'] })
    for (let times = 0; times < 2; times += 1) {
      assert.deepEqual(await connection.ask({ do: 'take', key: 'a' }), { note: 'a note' })
      const parcel = post.receive()
      assert.equal(parcel?.label, 'a')
      assert.equal(parcel.fds.length, 2)
      for (const fd of parcel.fds) closeSync(fd)
    }
  })

  it('closes what is dropped, and what is held anew under the same key', async (test) => {
    const { connection, send } = await start(test)
    const before = descriptors()
    for (const count of [3, 2]) {
      send('a', count)
      await connection.ask({ do: 'hold', key: 'a', ...pod })
      assert.equal(descriptors(), before + count)
    }
    await connection.ask({ do: 'drop', key: 'a' })
    assert.equal(descriptors(), before)
    assert.deepEqual(await connection.ask({ do: 'take', key: 'a' }), { fault: 'not held' })
  })

  it('holds nothing that did not come under its key, and keeps nothing of that', async (test) => {
    const { connection, send } = await start(test)
    const before = descriptors()
    send('other')
    const fault = { fault: 'nothing came by post' }
    assert.deepEqual(await connection.ask({ do: 'hold', key: 'a', ...pod }), fault)
    send('a', 0)
    assert.deepEqual(await connection.ask({ do: 'hold', key: 'a', ...pod }), fault)
    assert.equal(descriptors(), before)
  })

  const hostile = [
    { name: 'no JSON', line: 'hello' },
    { name: 'JSON of another kind', line: '[1]' },
    { name: 'an unknown wish', line: '{"do":"everything"}' },
    { name: 'a key that is none', line: '{"do":"take","key":"a b"}' },
    { name: 'no note', line: '{"do":"hold","key":"a","pod":"ns/a"}' },
    { name: 'a line without an end', line: 'x'.repeat(200_000) },
  ]
  for (const { name, line } of hostile) {
    it(`hangs up on ${name}, and goes on for others`, async (test) => {
      const { connection, paths } = await start(test)
      const socket = connect(paths.control)
      socket.on('error', () => {})
      socket.write(`${line}\n`)
      socket.resume()
      await until(() => socket.destroyed)
      assert.deepEqual(await connection.ask({ do: 'list' }), { keys: [] })
    })
  }

  it('lets go of what nobody serves in time, and hangs up on who had only begun', async (test) => {
    const { clock, connection, open, send } = await start(test)
    const before = descriptors()
    send('a')
    await connection.ask({ do: 'hold', key: 'a', ...pod })
    const next = await open()
    connection.close()
    // The store has heard of it as soon as it counts the time.
    await until(() => clock.waiting > 0)
    clock.advance(29_999)
    assert.deepEqual(await next.ask({ do: 'list' }), { keys: ['a'] })
    clock.advance(1)
    await until(() => !next.isOpen)
    await until(() => descriptors() < before)
  })

  it('waits with its end for an agent that serves', async (test) => {
    const { clock, connection, send, store } = await start(test)
    send('a')
    await connection.ask({ do: 'hold', key: 'a', ...pod })
    let isStopped = false
    const stopping = store.stop().then(() => (isStopped = true))
    assert.deepEqual(await connection.ask({ do: 'drop', key: 'a' }), {})
    assert.equal(isStopped, false)
    connection.close()
    await stopping
    assert.equal(clock.waiting, 0)
  })

  it('does not wait for an agent for ever', async (test) => {
    const { clock, connection, send, store } = await start(test)
    send('a')
    await connection.ask({ do: 'hold', key: 'a', ...pod })
    const stopping = store.stop()
    clock.advance(25_000)
    await stopping
    await until(() => !connection.isOpen)
  })

  it('keeps what an agent serves that came in time', async (test) => {
    const { clock, connection, open, send } = await start(test)
    send('a')
    await connection.ask({ do: 'hold', key: 'a', ...pod })
    const next = await open()
    connection.close()
    await until(() => clock.waiting > 0)
    clock.advance(29_000)
    await next.ask({ do: 'serving' })
    clock.advance(60_000)
    assert.deepEqual(await next.ask({ do: 'list' }), { keys: ['a'] })
    next.close()
  })

  for (const folder of ['/dev/null/none', '/proc/none']) {
    it(`says that ${folder} is no use`, async () => {
      const options = { folder, patienceMs: 1_000, table: 'meshdns' }
      await assert.rejects(startSocketStore(options, { clock: new FakeClock(), log: silentLog }), {
        code: 'AGENT_SOCKET_STORE_FOLDER',
      })
    })
  }
})
