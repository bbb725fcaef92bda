import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { PlainMap } from '../../documents/plain-map.ts'
import { type IpAddress, parseIp } from '../../ip/address.ts'
import type { VirtualOwner } from '../../registry/virtual-addresses.ts'
import { FakeClock } from '../../testing/fake-clock.ts'
import { ApiFailure } from '../client/api-failure.ts'
import type { ApiCall } from '../client/cluster-client.ts'
import { formatRanges, markOf } from './address-ranges.ts'
import { AddressRecord } from './address-record.ts'

/** One ConfigMap, and replicas that write it. */
function createRig() {
  const clock = new FakeClock()
  const store: { object: PlainMap | undefined; version: number } = { object: undefined, version: 0 }
  const failure = (status: number) =>
    new ApiFailure('the call', { status, reason: '', message: `status ${status}` })
  const client = {
    async call({ method = 'GET', body }: ApiCall): Promise<PlainMap> {
      if (method === 'GET' && !store.object) throw failure(404)
      if (method === 'POST' && store.object) throw failure(409)
      if (method !== 'GET') {
        const { metadata, data } = body as { metadata: PlainMap; data: PlainMap }
        if (method === 'PUT' && metadata['resourceVersion'] !== String(store.version)) {
          throw failure(409)
        }
        store.version += 1
        store.object = { metadata: { ...metadata, resourceVersion: String(store.version) }, data }
      }
      return store.object ?? {}
    },
  }
  const join = (identity: string) =>
    new AddressRecord({ namespace: 'istio-system', identity }, { client, clock })
  return { clock, store, join }
}

const [first, second] = ['240.240.0.1', '2001:2::1'].map(parseIp) as [IpAddress, IpAddress]
const owner = 'default/a.io' as VirtualOwner
const inWords = (given: Parameters<typeof formatRanges>[0]) => ({
  format: (limitOctets: number) => formatRanges(given, limitOctets),
})
const given = [first, second].map((address) => [address, markOf(owner)] as const)
const contents = {
  given: inWords(given),
  resting: new Map([[second, { owner, untilMs: Date.UTC(2026, 0, 2) }]]),
}

describe('AddressRecord', () => {
  it('gives another replica what one wrote', async () => {
    const { join } = createRig()
    const one = join('one')
    await one.load()
    await one.save(contents)
    const said = await join('two').load()
    assert.deepEqual([...said.given], given)
    assert.deepEqual(said.resting, contents.resting)
  })

  it('notices that somebody else wrote since, also when they wrote the same', async () => {
    const { join } = createRig()
    const [one, two] = [join('one'), join('two')]
    await one.load()
    await two.load()
    await one.save(contents)
    await assert.rejects(two.save(contents), { status: 409 })
    await two.load()
    await two.save(contents)
    await assert.rejects(one.save(contents), { status: 409 })
  })

  it('is never equal to what it was, so that each save is one', async () => {
    const { store, join } = createRig()
    const one = join('one')
    await one.load()
    await one.save(contents)
    const before = JSON.stringify(store.object?.['data'])
    await one.save(contents)
    assert.notEqual(JSON.stringify(store.object?.['data']), before)
  })

  it('leaves out what somebody wrote into it by hand and nobody can read', async () => {
    const { store, join } = createRig()
    store.object = {
      data: { given: 7, resting: 'x y z\n240.240.0.1\n240.240.0.2 2026-01-02T00:00:00Z a/b' },
    }
    const { given, resting } = await join('one').load()
    assert.deepEqual([[...given], [...resting.keys()]], [[], ['240.240.0.2']])
  })

  it('stays below the size of an object, and loses owners before it loses addresses', async () => {
    const { store, join } = createRig()
    const many = Array.from({ length: 60_000 }, (_, at) =>
      parseIp(`10.${at >> 15}.${(at >> 7) & 255}.${(at & 127) * 2}`),
    )
    const name = `default/${'x'.repeat(40)}.io` as VirtualOwner
    const record = join('one')
    await record.load()
    const resting = new Map(many.map((address, at) => [address, { owner: name, untilMs: at }]))
    await record.save({ given: inWords(many.map((address) => [address, 1])), resting })
    assert.ok(JSON.stringify(store.object).length < 1_000_000)
    const { given, resting: kept } = await join('two').load()
    const all = new Set([...given].map(([address]) => address))
    assert.ok(many.every((address) => all.has(address)))
    assert.equal(kept.get(many[0] as IpAddress)?.untilMs, 0, 'the first ends are kept')
    assert.ok(kept.size < many.length)
  })
})
