import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Health } from '../base/health.ts'
import { silentLog } from '../base/log.ts'
import { Meters } from '../base/meters.ts'
import { parseIp } from '../ip/address.ts'
import { parsePrefix } from '../ip/prefix.ts'
import type { CatalogChange } from '../registry/catalog.ts'
import { virtualOwner } from '../registry/virtual-addresses.ts'
import { FakeClock } from '../testing/fake-clock.ts'
import { FakeSource } from '../testing/fake-source.ts'
import { hostname } from '../testing/mesh.ts'
import { serviceOf } from '../testing/services.ts'
import { AllocatingCatalog } from './allocating-catalog.ts'
import { emptyLedger, type Ledger } from './ledger.ts'

/** On a pool of two IPv4 addresses; `hold` makes saving wait until it is let go. */
function createRig(ledger: Ledger = emptyLedger) {
  const clock = new FakeClock()
  const source = new FakeSource()
  const saved: Ledger[] = []
  const changes: CatalogChange[] = []
  const disk = { save: async () => {} }
  const pools = { v4: parsePrefix('10.9.0.0/30'), v6: parsePrefix('2001:2::/48') }
  const catalog = new AllocatingCatalog({ pools, restMs: 60_000 }, ledger, {
    clock,
    source,
    health: new Health(),
    log: silentLog,
    meters: new Meters(),
    async save(one) {
      await disk.save()
      saved.push(one)
    },
  })
  catalog.follow((change) => changes.push(change))
  const addressOf = (host: string) =>
    catalog.virtualAddresses().get(virtualOwner('default', hostname(host)))?.v4
  const told = () => changes.map(({ hosts }) => [...hosts].join(' '))
  return { catalog, clock, source, saved, changes, disk, addressOf, told }
}

const [a, b, c] = ['a.test', 'b.test', 'c.test'].map((host) => serviceOf(host))
assert.ok(a && b && c)

describe('AllocatingCatalog', () => {
  it('has what the source had before, when it is started', async () => {
    const { catalog, source, addressOf, told } = createRig()
    source.set(a, b)
    await catalog.start()
    assert.deepEqual([...catalog.services().keys()], ['a.test', 'b.test'])
    assert.deepEqual([addressOf('a.test'), addressOf('b.test')], ['10.9.0.1', '10.9.0.2'])
    assert.deepEqual(told(), ['a.test b.test'])
  })

  it('shows nobody a host before its address is kept', async () => {
    const { catalog, source, disk, addressOf, told } = createRig()
    await catalog.start()
    const { promise, resolve } = Promise.withResolvers<void>()
    disk.save = () => promise
    source.set(a)
    assert.equal(catalog.services().size, 0)
    assert.deepEqual(told(), [])
    resolve()
    await catalog.settled()
    assert.equal(addressOf('a.test'), '10.9.0.1')
    assert.deepEqual(told(), ['a.test'])
  })

  it('passes a change on at once that no address depends on, and saves nothing', async () => {
    const { catalog, source, saved, told } = createRig()
    source.set(a, b)
    await catalog.start()
    source.set(a, { ...b, resolution: 'DNS' })
    assert.equal(catalog.services().get(b.host)?.[0]?.resolution, 'DNS')
    assert.deepEqual(told().slice(1), ['b.test'])
    assert.equal(saved.length, 1)
  })

  it('takes changes together that come while it saves', async () => {
    const { catalog, source, saved, told } = createRig()
    await catalog.start()
    source.set(a)
    source.set(a, b)
    source.set(b)
    await catalog.settled()
    assert.deepEqual(told(), ['a.test', 'b.test a.test'])
    assert.equal(saved.length, 2)
  })

  it('names the host that must give up its address to a user', async () => {
    const { catalog, source, addressOf, changes } = createRig()
    source.set(a)
    await catalog.start()
    source.set(a, serviceOf('mine.test', { addresses: [parseIp('10.9.0.1')] }))
    await catalog.settled()
    assert.equal(addressOf('a.test'), '10.9.0.2')
    assert.deepEqual([...(changes.at(-1)?.hosts ?? [])].sort(), ['a.test', 'mine.test'])
  })

  it('lets a user have an address that a host holds since the pools were others', async () => {
    const [old, owner] = [parseIp('10.8.0.1'), virtualOwner('default', hostname('a.test'))]
    const { catalog, source, addressOf } = createRig({
      ...emptyLedger,
      held: new Map([[owner, { v4: old }]]),
    })
    source.set(a)
    await catalog.start()
    assert.equal(addressOf('a.test'), old)
    source.set(a, serviceOf('mine.test', { addresses: [old] }))
    await catalog.settled()
    assert.equal(addressOf('a.test'), '10.9.0.1')
  })

  it('gives a waiting host the first address that is free again, and names only that host', async () => {
    const { catalog, clock, source, addressOf, told } = createRig()
    source.set(a, b)
    await catalog.start()
    source.set(b, c)
    await catalog.settled()
    assert.equal(addressOf('c.test'), undefined)
    clock.advance(60_000)
    await catalog.settled()
    assert.equal(addressOf('c.test'), '10.9.0.1')
    assert.equal(told().at(-1), 'c.test')
    await catalog.stop()
  })

  it('tries again with the next change what could not be kept', async () => {
    const { catalog, source, disk, addressOf, told } = createRig()
    await catalog.start()
    disk.save = () => Promise.reject(new Error('disk full'))
    source.set(a)
    await catalog.settled().catch(() => {})
    assert.deepEqual([catalog.services().size, told().length], [0, 0])
    disk.save = async () => {}
    source.set(a, b)
    await catalog.settled()
    assert.deepEqual([addressOf('a.test'), addressOf('b.test')], ['10.9.0.1', '10.9.0.2'])
    assert.deepEqual(told(), ['a.test b.test'])
  })

  it('passes on that Sidecars are others', async () => {
    const { catalog, source, changes } = createRig()
    await catalog.start()
    const sidecar = { namespace: 'ns1', name: 'default', egress: [], createdAt: 0 }
    source.setSidecars(sidecar)
    assert.deepEqual(catalog.sidecars(), [sidecar])
    assert.deepEqual(changes, [{ hosts: new Set(), sidecars: true }])
  })

  it('has all that the source had when a reload ends', async () => {
    const { catalog, source, addressOf } = createRig()
    await catalog.start()
    source.reload = async () => source.set(a)
    await catalog.reload()
    assert.equal(addressOf('a.test'), '10.9.0.1')
  })

  it('ends what is under way when it is stopped, and takes nothing more', async () => {
    const { catalog, source, saved, addressOf } = createRig()
    await catalog.start()
    source.set(a)
    await catalog.stop()
    assert.equal(addressOf('a.test'), '10.9.0.1')
    source.set(a, b)
    await catalog.settled()
    assert.deepEqual([...catalog.services().keys()], ['a.test'])
    assert.equal(saved.length, 1)
  })
})
