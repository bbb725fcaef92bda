import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type IpAddress, type IpFamily, parseIp } from '../ip/address.ts'
import { FakeClock } from '../testing/fake-clock.ts'
import { hostname } from '../testing/mesh.ts'
import { type LookedUp, NameCache } from './name-cache.ts'

const db = hostname('db.up.test')

/** A zone that a test changes as it goes: IPv4 and IPv6 addresses, or a failure. */
function setUp(limits: { maxNames?: number; maxLookups?: number } = {}) {
  const clock = new FakeClock()
  const asked: string[] = []
  const zone = {
    ttlSeconds: 30,
    v4: ['10.0.0.1'] as readonly string[] | Error,
    v6: [] as readonly string[] | Error,
    /** Holds answers back for as long as it is pending. */
    hold: Promise.resolve(),
  }
  const lookup = async (name: string, family: IpFamily): Promise<LookedUp> => {
    asked.push(`${name} ${family}`)
    await zone.hold
    const found = family === 4 ? zone.v4 : zone.v6
    if (found instanceof Error) throw found
    return { addresses: found.map(parseIp), ttlSeconds: zone.ttlSeconds }
  }
  const failures = { value: 0 }
  const cache = new NameCache({ clock, lookup, failures, maxNames: 10, maxLookups: 10, ...limits })
  const addresses = async (): Promise<readonly IpAddress[]> => (await cache.resolve(db)).addresses
  return { clock, asked, zone, failures, cache, addresses }
}

describe('NameCache', () => {
  it('asks for both families, once, for as long as the shortest record lives', async () => {
    const { clock, asked, zone, addresses } = setUp()
    zone.v6 = ['fd00::1']
    assert.deepEqual(await addresses(), ['10.0.0.1', 'fd00::1'])
    clock.advance(29_999)
    await addresses()
    assert.deepEqual(asked, ['db.up.test 4', 'db.up.test 6'])
    clock.advance(1)
    zone.v4 = ['10.0.0.2']
    assert.deepEqual(await addresses(), ['10.0.0.2', 'fd00::1'])
  })

  it('asks nothing while nobody asks', async () => {
    const { clock, asked, addresses } = setUp()
    await addresses()
    clock.advance(1_000_000)
    assert.equal(asked.length, 2)
  })

  it('shares one look-up between those who ask at the same time', async () => {
    const { asked, addresses } = setUp()
    await Promise.all(Array.from({ length: 100 }, addresses))
    assert.equal(asked.length, 2)
  })

  it('counts the turns', async () => {
    const { cache } = setUp()
    const turns = []
    for (let use = 0; use < 3; use += 1) turns.push((await cache.resolve(db)).turn)
    assert.deepEqual(turns, [0, 1, 2])
  })

  it('keeps the last good addresses when the look-up fails, and counts the failure', async () => {
    const { clock, zone, failures, addresses } = setUp()
    await addresses()
    clock.advance(30_000)
    zone.v4 = zone.v6 = new Error('no server answers')
    assert.deepEqual(await addresses(), ['10.0.0.1'])
    assert.equal(failures.value, 2)
  })

  it('keeps nobody waiting for further attempts, and takes what they find', async () => {
    const { clock, zone, addresses } = setUp()
    await addresses()
    clock.advance(30_000)
    zone.v4 = zone.v6 = new Error('no server answers')
    await addresses()
    clock.advance(5_000)
    const held = Promise.withResolvers<void>()
    zone.hold = held.promise
    assert.deepEqual(await addresses(), ['10.0.0.1'])
    zone.v4 = ['10.0.0.2']
    held.resolve()
    await new Promise(setImmediate)
    assert.deepEqual(await addresses(), ['10.0.0.2'])
  })

  it('remembers a failure for a while when nothing is known', async () => {
    const { clock, asked, zone, cache } = setUp()
    zone.v4 = zone.v6 = new Error('no server answers')
    for (let use = 0; use < 3; use += 1) {
      const { addresses, error } = await cache.resolve(db)
      assert.deepEqual(addresses, [])
      assert.match(String(error), /no server answers/)
    }
    assert.equal(asked.length, 2)
    clock.advance(5_000)
    zone.v4 = ['10.0.0.1']
    assert.deepEqual((await cache.resolve(db)).addresses, ['10.0.0.1'])
  })

  it('makes do with one family', async () => {
    const { zone, cache } = setUp()
    zone.v6 = new Error('SERVFAIL')
    const { addresses, error } = await cache.resolve(db)
    assert.deepEqual([addresses, error], [['10.0.0.1'], undefined])
  })

  it('forgets addresses when the name is gone', async () => {
    const { clock, zone, addresses } = setUp()
    await addresses()
    clock.advance(30_000)
    zone.v4 = []
    assert.deepEqual(await addresses(), [])
  })

  it('takes no life time below a second for granted', async () => {
    const { clock, asked, zone, addresses } = setUp()
    zone.ttlSeconds = 0
    await addresses()
    clock.advance(999)
    await addresses()
    assert.equal(asked.length, 2)
  })

  it('is bounded: what was not used for longest is forgotten', async () => {
    const { asked, cache } = setUp({ maxNames: 2 })
    for (const label of ['a', 'b', 'a', 'c', 'a', 'b'])
      await cache.resolve(hostname(`${label}.test`))
    const names = asked.filter((question) => question.endsWith('4')).map(([label]) => label)
    assert.deepEqual(names, ['a', 'b', 'c', 'b'])
  })

  it('lets a crowd of names wait for each other', async () => {
    const { asked, zone, cache } = setUp({ maxNames: 4_000, maxLookups: 16 })
    const held = Promise.withResolvers<void>()
    zone.hold = held.promise
    const all = Array.from({ length: 4_000 }, (_, at) => cache.resolve(hostname(`n${at}.test`)))
    await new Promise(setImmediate)
    assert.equal(asked.length, 32)
    held.resolve()
    const resolved = await Promise.all(all)
    assert.ok(resolved.every(({ addresses }) => addresses.length === 1))
  })
})
