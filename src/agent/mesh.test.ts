import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { emptyLedger, type Ledger } from '../allocate/ledger.ts'
import { Health } from '../base/health.ts'
import { silentLog } from '../base/log.ts'
import { Meters } from '../base/meters.ts'
import type { IpFamily } from '../ip/address.ts'
import { parsePrefix } from '../ip/prefix.ts'
import type { Service } from '../registry/service.ts'
import type { Source } from '../registry/source.ts'
import { FakeClock } from '../testing/fake-clock.ts'
import { serviceOf } from '../testing/services.ts'
import { Mesh, type MeshChange } from './mesh.ts'

class FakeSource implements Source {
  readonly name = 'test'
  #services: readonly Service[] = []
  #onChange = () => {}

  services(): readonly Service[] {
    return this.#services
  }

  follow(onChange: () => void): void {
    this.#onChange = onChange
  }

  async reload(): Promise<void> {}

  async stop(): Promise<void> {}

  set(...services: readonly Service[]): void {
    this.#services = services
    this.#onChange()
  }
}

/** A mesh on a pool of two IPv4 addresses, and all that it did, in order. */
function createRig(ledger: Ledger = emptyLedger) {
  const clock = new FakeClock()
  const source = new FakeSource()
  const health = new Health()
  const done: string[] = []
  const changes: MeshChange[] = []
  const machine = { families: [4, 6] as IpFamily[], saved: emptyLedger }
  const pools = { v4: parsePrefix('10.9.0.0/30'), v6: parsePrefix('2001:2::/48') }
  const options = { namespace: 'default', clusterDomain: 'cluster.local', pools, restMs: 60_000 }
  const mesh = new Mesh(options, ledger, {
    clock,
    source,
    health,
    log: silentLog,
    meters: new Meters(),
    families: () => machine.families,
    async save(saved) {
      done.push('save')
      machine.saved = saved
    },
    async publish(change) {
      done.push('publish')
      changes.push(change)
    },
  })
  return { mesh, clock, source, health, done, changes, machine }
}

/** What was published last for the host. */
function addressesOf(changes: readonly MeshChange[], host: string): readonly string[] | undefined {
  const records = changes.flatMap(({ delta }) => delta.put)
  return records.findLast((record) => record.host === host)?.addresses
}

describe('the mesh of a machine', () => {
  it('keeps what it allocated before anybody hears of it', async () => {
    const { mesh, source, done, changes } = createRig()
    source.set(serviceOf('a.test'))
    await mesh.start()
    assert.deepEqual(done, ['save', 'publish'])
    assert.deepEqual(addressesOf(changes, 'a.test'), ['10.9.0.1', '2001:2::1'])
    await mesh.stop()
  })

  it('gives hosts what they held before a restart', async () => {
    const first = createRig()
    first.source.set(serviceOf('a.test'), serviceOf('b.test'))
    await first.mesh.start()
    const second = createRig(first.machine.saved)
    second.source.set(serviceOf('b.test'))
    await second.mesh.start()
    assert.deepEqual(addressesOf(second.changes, 'b.test'), ['10.9.0.2', '2001:2::2'])
  })

  it('publishes only what changed', async () => {
    const { mesh, source, changes } = createRig()
    source.set(serviceOf('a.test'), serviceOf('b.test'))
    await mesh.start()
    source.set(serviceOf('b.test'))
    await mesh.refresh()
    const deltas = changes.map(({ delta }) => [delta.put.length, ...delta.drop])
    assert.deepEqual(deltas.slice(0, 2), [[2], [0, 'a.test']])
  })

  it('takes changes that come while it is at work', async () => {
    const { mesh, source, changes } = createRig()
    const started = mesh.start()
    source.set(serviceOf('a.test'))
    source.set(serviceOf('b.test'))
    await started
    await mesh.refresh()
    assert.ok(mesh.view.size === 1 && changes.some(({ view }) => view.size === 1))
  })

  it('serves a host that had to wait as soon as an address is free, without being told', async () => {
    const { mesh, clock, source, health, changes } = createRig()
    source.set(serviceOf('a.test'), serviceOf('b.test'))
    await mesh.start()
    source.set(serviceOf('b.test'), serviceOf('c.test'))
    await mesh.refresh()
    assert.deepEqual(addressesOf(changes, 'c.test'), ['2001:2::3'])
    assert.equal(health.items()[0]?.code, 'VIRTUAL_POOL_EXHAUSTED')
    clock.advance(60_000)
    await mesh.refresh()
    assert.deepEqual(addressesOf(changes, 'c.test'), ['10.9.0.1', '2001:2::3'])
    assert.deepEqual(health.items(), [])
    await mesh.stop()
  })

  it('notices when the machine gets or loses a family', async () => {
    const { mesh, clock, source, changes, machine } = createRig()
    machine.families = [6]
    source.set(serviceOf('a.test'))
    await mesh.start()
    assert.deepEqual(addressesOf(changes, 'a.test'), ['2001:2::1'])
    machine.families = [4, 6]
    clock.advance(10_000)
    await mesh.refresh()
    assert.deepEqual(addressesOf(changes, 'a.test'), ['10.9.0.1', '2001:2::1'])
    await mesh.stop()
  })
})
