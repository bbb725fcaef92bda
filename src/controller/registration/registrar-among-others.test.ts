import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Health } from '../../base/health.ts'
import { silentLog } from '../../base/log.ts'
import { Meters } from '../../base/meters.ts'
import { FakeClock } from '../../testing/fake-clock.ts'
import { FakeEntryStore, registeringProxy, workloadGroup } from '../../testing/registration.ts'
import { until } from '../../testing/until.ts'
import {
  connectedOf,
  hasLeft,
  type RegisteredEntry,
  withConnected,
  withDisconnected,
} from '../../translate/registration/registered-entry.ts'
import type { ProxyConnection } from '../../xds/server/ports.ts'
import { RegistrationOptions } from './options.ts'
import { Registrar } from './registrar.ts'

const key = 'shop/vms-10.0.0.7'
const connection: ProxyConnection = {
  id: '1',
  address: '10.0.0.7:40000',
  identity: { trustDomain: 'cluster.local', namespace: 'shop', serviceAccount: 'ratings' },
}
const proxy = registeringProxy()

async function start() {
  const clock = new FakeClock()
  const store = new FakeEntryStore()
  const registrar = new Registrar(RegistrationOptions.parse({}), {
    clock,
    log: silentLog,
    health: new Health(),
    meters: new Meters(),
    store,
    controller: 'one',
    group: () => workloadGroup(),
  })
  await registrar.start()
  await registrar.connected(proxy, connection)
  const entry = (): RegisteredEntry => {
    const found = store.entries.get(key)
    assert.ok(found)
    return found
  }
  const controller = () => connectedOf(entry()).controller
  /** The machine comes to another controller, `agoMs` before now by the clock of that one. */
  const moves = (agoMs = -1_000) =>
    withConnected(entry(), { atMs: clock.wall() - agoMs, controller: 'two' })
  return { clock, store, registrar, entry, controller, moves }
}

describe('a registrar among others', () => {
  it('lets go of a machine that came to another controller', async () => {
    const { clock, store, registrar, entry, moves } = await start()
    registrar.disconnected(proxy, connection)
    await until(() => hasLeft(entry()))
    store.tell({ put: [moves()] })
    const { writes } = store
    clock.advance(200_000)
    assert.equal(store.writes, writes)
    assert.equal(connectedOf(entry()).controller, 'two')
    assert.equal(hasLeft(entry()), false)
  })

  it('does not mark one as gone that came to another before it was seen to leave', async () => {
    const { clock, store, registrar, controller, moves, entry } = await start()
    store.tell({ put: [moves()] })
    registrar.disconnected(proxy, connection)
    await until(() => store.writes > 1)
    clock.advance(200_000)
    assert.deepEqual([controller(), hasLeft(entry())], ['two', false])
  })

  it('takes a machine back that left the other one and is still here', async () => {
    const { clock, store, controller, moves, entry } = await start()
    // The other clock is ahead.
    const moved = moves(-60_000)
    store.tell({ put: [moved] })
    assert.equal(controller(), 'two')
    store.tell({ put: [withDisconnected(moved, clock.wall())] })
    await until(() => controller() === 'one')
    assert.equal(hasLeft(entry()), false)
  })

  it('writes an entry again that somebody deleted, for as long as its machine is here', async () => {
    const { store, registrar, entry } = await start()
    const first = entry()
    store.tell({ gone: [first] })
    await until(() => store.entries.has(key))
    registrar.freeze()
    store.tell({ gone: [entry()] })
    assert.equal(store.entries.has(key), false)
  })

  it('hears of its own writes without writing again', async () => {
    const { store, entry } = await start()
    const { writes } = store
    store.tell({ put: [entry()] })
    assert.equal(store.writes, writes)
  })
})
