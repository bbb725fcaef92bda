import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { AllocatingCatalog } from '../allocate/allocating-catalog.ts'
import { emptyLedger, type Ledger } from '../allocate/ledger.ts'
import { Health } from '../base/health.ts'
import { silentLog } from '../base/log.ts'
import { Meters } from '../base/meters.ts'
import type { IpFamily } from '../ip/address.ts'
import { parsePrefix } from '../ip/prefix.ts'
import { FakeClock } from '../testing/fake-clock.ts'
import { FakeSource } from '../testing/fake-source.ts'
import { hostname } from '../testing/mesh.ts'
import { serviceOf } from '../testing/services.ts'
import { Mesh, type MeshChange } from './mesh.ts'

/** A mesh on a pool of two IPv4 addresses, and all that it did, in order. */
function createRig(ledger: Ledger = emptyLedger) {
  const clock = new FakeClock()
  const source = new FakeSource()
  const health = new Health()
  const done: string[] = []
  const changes: MeshChange[] = []
  const machine = { families: [4, 6] as IpFamily[], saved: emptyLedger }
  const ports = { clock, source, health, log: silentLog, meters: new Meters() }
  const pools = { v4: parsePrefix('10.9.0.0/30'), v6: parsePrefix('2001:2::/48') }
  const catalog = new AllocatingCatalog({ pools, restMs: 60_000 }, ledger, {
    ...ports,
    async save(saved) {
      done.push('save')
      machine.saved = saved
    },
  })
  const options = { namespace: 'default', clusterDomain: 'cluster.local' }
  const mesh = new Mesh(options, {
    ...ports,
    catalog,
    families: () => machine.families,
    async publish(change) {
      done.push('publish')
      changes.push(change)
    },
  })
  const start = async () => {
    await catalog.start()
    await mesh.start()
  }
  const settle = async () => {
    await catalog.settled()
    await mesh.settled()
  }
  const stop = async () => {
    await mesh.stop()
    await catalog.stop()
  }
  return { mesh, clock, source, health, done, changes, machine, start, settle, stop }
}

/** What was published last for the host. */
function addressesOf(changes: readonly MeshChange[], host: string): readonly string[] | undefined {
  const records = changes.flatMap(({ delta }) => delta.put)
  return records.findLast((record) => record.host === host)?.addresses
}

describe('the mesh of a machine', () => {
  it('keeps what it allocated before anybody hears of it', async () => {
    const { source, done, changes, start, stop } = createRig()
    source.set(serviceOf('a.test'))
    await start()
    assert.deepEqual(done, ['save', 'publish'])
    assert.deepEqual(addressesOf(changes, 'a.test'), ['10.9.0.1', '2001:2::1'])
    await stop()
  })

  it('gives hosts what they held before a restart', async () => {
    const first = createRig()
    first.source.set(serviceOf('a.test'), serviceOf('b.test'))
    await first.start()
    const second = createRig(first.machine.saved)
    second.source.set(serviceOf('b.test'))
    await second.start()
    assert.deepEqual(addressesOf(second.changes, 'b.test'), ['10.9.0.2', '2001:2::2'])
  })

  it('publishes only what changed', async () => {
    const { source, changes, start, settle } = createRig()
    source.set(serviceOf('a.test'), serviceOf('b.test'))
    await start()
    source.set(serviceOf('b.test'))
    await settle()
    const deltas = changes.map(({ delta }) => [delta.put.length, ...delta.drop])
    assert.deepEqual(deltas.slice(0, 2), [[2], [0, 'a.test']])
  })

  it('takes changes that come while it is at work', async () => {
    const { mesh, source, changes, start, settle } = createRig()
    const started = start()
    source.set(serviceOf('a.test'))
    source.set(serviceOf('b.test'))
    await started
    await settle()
    assert.deepEqual([...mesh.view.keys()], ['b.test'])
    assert.ok(changes.some(({ hosts }) => hosts.has(hostname('b.test'))))
  })

  it('serves a host that had to wait as soon as an address is free, without being told', async () => {
    const { clock, source, health, changes, start, settle, stop } = createRig()
    source.set(serviceOf('a.test'), serviceOf('b.test'))
    await start()
    source.set(serviceOf('b.test'), serviceOf('c.test'))
    await settle()
    assert.deepEqual(addressesOf(changes, 'c.test'), ['2001:2::3'])
    assert.equal(health.items()[0]?.code, 'VIRTUAL_POOL_EXHAUSTED')
    clock.advance(60_000)
    await settle()
    assert.deepEqual(addressesOf(changes, 'c.test'), ['10.9.0.1', '2001:2::3'])
    assert.deepEqual(health.items(), [])
    await stop()
  })

  it('notices when the machine gets or loses a family', async () => {
    const { clock, source, changes, machine, start, settle, stop } = createRig()
    machine.families = [6]
    source.set(serviceOf('a.test'))
    await start()
    assert.deepEqual(addressesOf(changes, 'a.test'), ['2001:2::1'])
    machine.families = [4, 6]
    clock.advance(10_000)
    await settle()
    assert.deepEqual(addressesOf(changes, 'a.test'), ['10.9.0.1', '2001:2::1'])
    await stop()
  })
})
