import assert from 'node:assert/strict'
import { once } from 'node:events'
import { closeSync, openSync } from 'node:fs'
import { createServer, type Socket } from 'node:net'
import { describe, it, type TestContext } from 'node:test'
import { Health } from '../../base/health.ts'
import { silentLog } from '../../base/log.ts'
import { createRandom } from '../../base/random.ts'
import { FakeClock } from '../../testing/fake-clock.ts'
import { temporaryFolder } from '../../testing/temporary-folder.ts'
import { until } from '../../testing/until.ts'
import { StoreKeeper, type ToHold } from './socket-keeper.ts'
import { startSocketStore } from './start-socket-store.ts'
import { storePaths } from './store-paths.ts'

const skip = process.platform === 'linux' ? false : 'Linux only'

async function start(test: TestContext) {
  const folder = await temporaryFolder(test)
  const ports = {
    clock: new FakeClock(),
    log: silentLog,
    health: new Health(() => {}),
    random: createRandom(),
  }
  const options = { folder, patienceMs: 30_000, table: 'meshdns' }
  const store = await startSocketStore(options, { clock: new FakeClock(), log: silentLog })
  const keeper = await StoreKeeper.start(folder, ports)
  const openFile = () => openSync('/proc/self/status', 'r')
  const fd = openFile()
  test.after(async () => {
    await keeper.stop()
    await store.stop()
    closeSync(fd)
  })
  const pod = (note: string, openNetfilter: ToHold['openNetfilter'] = openFile): ToHold => ({
    key: 'a',
    pod: 'ns/a',
    note,
    openNetfilter,
    fds: () => [fd],
  })
  /** What the next agent would get; this one hears nothing of it. */
  const notes = async () => {
    const next = await StoreKeeper.start(folder, { ...ports, clock: new FakeClock() })
    const kept = await next.take()
    await next.stop()
    for (const { fds } of kept) for (const one of fds) closeSync(one)
    return kept.map(({ note }) => note)
  }
  return { clock: ports.clock, keeper, pod, notes }
}

describe('a keeper of sockets in a store', { skip, timeout: 600_000 }, () => {
  it('gives again what a store may hold of a pod as it was before', async (test) => {
    const { clock, keeper, pod, notes } = await start(test)
    await keeper.hold(pod('as it was'))
    // The store does not answer in time.
    keeper.serving()
    clock.advance(30_000)
    await keeper.drop('a')
    await keeper.hold(pod('as it is'))
    assert.deepEqual(await notes(), ['as it was'])
    await until(() => clock.waiting > 0)
    clock.advance(5_000)
    while (!(await notes()).includes('as it is'));
  })

  it('waits for a store that is late', async (test) => {
    const folder = await temporaryFolder(test)
    const clock = new FakeClock()
    const asked = Promise.withResolvers<Socket>()
    const server = createServer((socket) => {
      socket.once('data', () => asked.resolve(socket))
    })
    await once(server.listen(storePaths(folder).control), 'listening')
    const ports = { clock, log: silentLog, health: new Health(() => {}), random: createRandom() }
    const starting = StoreKeeper.start(folder, ports)
    const socket = await asked.promise
    test.after(() => {
      socket.destroy()
      server.close()
    })
    clock.advance(25_000)
    socket.write('{"keys":[]}\n')
    const keeper = await starting
    // One that had given up would come again.
    assert.equal(clock.waiting, 0)
    await keeper.stop()
  })

  it('goes on when a pod cannot be entered', async (test) => {
    const { keeper, pod, notes } = await start(test)
    const denied = pod('denied', () => {
      throw new Error('denied')
    })
    await keeper.hold(denied)
    assert.deepEqual(await notes(), [])
    await keeper.hold(pod('entered'))
    assert.deepEqual(await notes(), ['entered'])
  })
})
