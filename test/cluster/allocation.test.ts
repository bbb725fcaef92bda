import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, it } from 'node:test'
import { eventually } from '../../src/testing/eventually.ts'
import { AllocationRig, type ReplicaFacts } from './allocation-rig.ts'
import { clusterTestsSkip } from './programs.ts'
import { TestCluster } from './start-cluster.ts'

const skip = await clusterTestsSkip()

/** The addresses `240.240.0.N` and `2001:2::N` of hosts, in order. */
function pairs(given: Readonly<Record<string, number>>): readonly string[] {
  return Object.entries(given).flatMap(([host, at]) => [
    `${host} 240.240.0.${at}`,
    `${host} 2001:2::${at.toString(16)}`,
  ])
}

describe('virtual addresses in a cluster', { skip }, () => {
  let cluster: TestCluster
  let rig: AllocationRig

  before(async () => {
    cluster = await TestCluster.start()
    rig = await AllocationRig.open(cluster)
  })
  after(async () => cluster?.[Symbol.asyncDispose]())
  beforeEach(async () => rig.clear())

  const shows = (name: string, want: readonly string[]) =>
    eventually(async () => assert.deepEqual(await rig.addresses(name), want))

  const start = (facts?: ReplicaFacts) => rig.startReplica('one', facts)

  it("goes through Istio's timeline (TestIPAllocate)", async () => {
    await rig.create('pre-existing', { hosts: ['test.testing.io'] })
    const replica = await start()
    await shows('pre-existing', pairs({ 'test.testing.io': 1 }))

    await rig.create('user-v4', { hosts: ['v4.testing.io'], addresses: ['1.2.3.4'] })
    await rig.create('user-v6', { hosts: ['v6.testing.io'], addresses: ['2001:::bad'] })
    const optOut = { 'networking.istio.io/enable-autoallocate-ip': 'FALSE' }
    await rig.create('opted-out', { hosts: ['out.testing.io'] }, { labels: optOut })
    const foreign = { type: 'Ready', status: 'True', reason: 'Because', message: 'of others' }
    await rig.create('with-condition', { hosts: ['condition.testing.io'] })
    await rig.changeStatus('with-condition', { conditions: [foreign] })
    await eventually(async () => {
      assert.deepEqual(await rig.addresses('with-condition'), pairs({ 'condition.testing.io': 2 }))
      const [first, second] = await rig.conditions('with-condition')
      assert.deepEqual([first, second?.['reason']], [foreign, 'AddressesAllocated'])
    })
    for (const name of ['user-v4', 'user-v6', 'opted-out']) await shows(name, [])

    await rig.create('claims', { hosts: ['claims.testing.io'], addresses: ['240.240.0.2'] })
    await shows('with-condition', pairs({ 'condition.testing.io': 3 }))
    const { spec } = (await rig.read('claims')) as { spec: { addresses: unknown } }
    assert.deepEqual(spec.addresses, ['240.240.0.2'], "the user's spec is not touched")

    // The API server takes no status with a new object; so nobody leads until it has one.
    await replica.stop()
    const standing = [
      { value: '240.240.0.3', host: 'younger.testing.io' },
      { value: '2001:2::3', host: 'younger.testing.io' },
    ]
    await secondOver(rig, 'with-condition')
    await rig.create('younger', { hosts: ['younger.testing.io'] })
    await rig.changeStatus('younger', { addresses: standing, conditions: [foreign] })
    await using _ = await start()
    await shows('younger', pairs({ 'younger.testing.io': 4 }))
    assert.deepEqual((await rig.conditions('younger'))[0], foreign)
    await shows('with-condition', pairs({ 'condition.testing.io': 3 }))

    const hosts = (...names: string[]) => ({ spec: { hosts: names } })
    await rig.change('pre-existing', hosts('test.testing.io', 'added.testing.io'))
    await shows('pre-existing', pairs({ 'test.testing.io': 1, 'added.testing.io': 5 }))

    await rig.change('pre-existing', hosts('test.testing.io', 'added.testing.io', '*.wild.io'))
    await condition(rig, 'pre-existing', 3)
    await shows('pre-existing', pairs({ 'test.testing.io': 1, 'added.testing.io': 5 }))

    await rig.change('pre-existing', hosts('test.testing.io'))
    await shows('pre-existing', pairs({ 'test.testing.io': 1 }))

    const four = ['other', 'other', 'other', 'other'].map((label) => `${label}.testing.io`)
    await rig.change('pre-existing', hosts('test.testing.io', ...four))
    await shows('pre-existing', pairs({ 'test.testing.io': 1, 'other.testing.io': 6 }))

    await rig.change('pre-existing', hosts('other.testing.io'))
    await shows('pre-existing', pairs({ 'other.testing.io': 6 }))

    await rig.change('pre-existing', hosts('d.io', 'c.io', 'b.io', 'a.io'))
    await shows('pre-existing', pairs({ 'd.io': 7, 'c.io': 8, 'b.io': 9, 'a.io': 10 }))

    await rig.change('pre-existing', {
      spec: { hosts: ['*.dynamic.io'], resolution: 'DYNAMIC_DNS' },
    })
    await shows('pre-existing', pairs({ '*.dynamic.io': 11 }))

    await assert.rejects(rig.change('pre-existing', hosts()), /at least 1/, 'no hosts: refused')
  })

  it('gives a host that comes back its address, as long as that rests', async () => {
    await using _ = await start()
    await rig.create('first', { hosts: ['a.io'] })
    await shows('first', pairs({ 'a.io': 1 }))
    await rig.remove('first')
    await rig.create('second', { hosts: ['b.io'] })
    await shows('second', pairs({ 'b.io': 2 }))
    await rig.create('third', { hosts: ['a.io'] })
    await shows('third', pairs({ 'a.io': 1 }))
  })

  it('takes addresses from other ranges (TestIPAllocateWithEnvCIDR)', async () => {
    await using _ = await start({
      virtualAddresses: { v4Prefix: '10.99.0.0/16', v6Prefix: 'fd00:99::/64' },
    })
    await rig.create('one', { hosts: ['one.io', 'two.io'] })
    await shows('one', [
      'one.io 10.99.0.1',
      'one.io fd00:99::1',
      'two.io 10.99.0.2',
      'two.io fd00:99::2',
    ])
  })

  const stale = [
    { name: 'resolution NONE', patch: { spec: { resolution: 'NONE' } } },
    {
      name: 'the label that opts out',
      patch: { metadata: { labels: { 'networking.istio.io/enable-autoallocate-ip': 'false' } } },
    },
    { name: 'addresses of its own', patch: { spec: { addresses: ['1.2.3.4'] } } },
  ]
  for (const { name, patch } of stale) {
    it(`takes the addresses away with ${name} (TestIPAllocateStaleAddressCleanup)`, async () => {
      await using _ = await start()
      await rig.create('stale', { hosts: ['stale.io'] })
      await shows('stale', pairs({ 'stale.io': 1 }))
      await rig.change('stale', patch)
      await shows('stale', [])
      assert.deepEqual(await rig.conditions('stale'), [])
      await rig.change('stale', {
        metadata: { labels: { 'networking.istio.io/enable-autoallocate-ip': null } },
        spec: { resolution: 'DNS', addresses: null },
      })
      await shows('stale', pairs({ 'stale.io': 1 }))
    })
  }

  it('gives a host one pair, in all entries of the namespace that declare it', async () => {
    await using _ = await start()
    await rig.create('one', { hosts: ['shared.io'] })
    await rig.create('two', { hosts: ['more.io', 'shared.io'] })
    await shows('two', pairs({ 'more.io': 2, 'shared.io': 1 }))
    await rig.remove('one')
    await rig.create('three', { hosts: ['shared.io'] })
    await shows('three', pairs({ 'shared.io': 1 }))
    await shows('two', pairs({ 'more.io': 2, 'shared.io': 1 }))
  })

  it('keeps what an istiod gave, and makes one pair of two', async () => {
    const standing = (host: string, at: number) => ({
      addresses: [
        { value: `240.240.0.${at}`, host },
        { value: `2001:2::${at}`, host },
      ],
    })
    await rig.create('old', { hosts: ['shared.io'] })
    await rig.changeStatus('old', standing('shared.io', 7))
    await secondOver(rig, 'old')
    await rig.create('new', { hosts: ['shared.io'] })
    await rig.changeStatus('new', standing('shared.io', 3))
    await using _ = await start()
    await shows('new', pairs({ 'shared.io': 7 }))
    await shows('old', pairs({ 'shared.io': 7 }))
    await rig.create('another', { hosts: ['another.io'] })
    await shows('another', pairs({ 'another.io': 1 }))
    const { resting } = await rig.recordData()
    assert.match(resting ?? '', /240\.240\.0\.3 \S+ default\/shared\.io/)
  })

  it('tells users in kubectl describe what happened', async () => {
    await using _ = await start({ virtualAddresses: { v4Prefix: '10.9.0.0/30' } })
    await rig.create('first', { hosts: ['a.io', 'b.io'] })
    await eventually(async () => assert.equal((await rig.addresses('first')).length, 4))
    await rig.create('late', { hosts: ['c.io'] })
    await rig.create('explicit', { hosts: ['d.io'], addresses: ['192.0.2.1'] })
    await rig.create('double', { hosts: ['d.io'] })
    const describe = (name: string) => cluster.must(['describe', 'se', name])
    await eventually(async () => {
      assert.match(await describe('first'), /Normal +AddressesAllocated.*a\.io has 10\.9\.0\.1 and/)
      const late = await describe('late')
      assert.match(late, /Reason: +PoolExhausted\n +Status: +False/)
      assert.match(late, /Warning +PoolExhausted.*No virtual address is left for c\.io \(IPv4\)/)
      assert.match(await describe('double'), /Reason: +HostConflict/)
    })
    await rig.create('claims', { hosts: ['e.io'], addresses: ['10.9.0.1'] })
    await eventually(async () => {
      assert.match(await describe('first'), /HostConflict.*a\.io moved from 10\.9\.0\.1/)
    })
  })

  it('lets what was given to a host that went unseen rest, and keeps all else through a restart', async () => {
    const first = await start()
    await rig.create('one', { hosts: ['one.io'] })
    await rig.create('two', { hosts: ['two.io'] })
    await shows('two', pairs({ 'two.io': 2 }))
    await first.stop()
    await rig.remove('one')
    await rig.create('three', { hosts: ['three.io'] })
    await using _ = await rig.startReplica('another')
    await shows('three', pairs({ 'three.io': 3 }))
    await shows('two', pairs({ 'two.io': 2 }))
  })

  it('keeps the address of a host whose entry was replaced by another one while nobody led', async () => {
    const first = await start()
    await rig.create('filler', { hosts: ['filler.io'] })
    await rig.create('old', { hosts: ['kept.io'] })
    await shows('old', pairs({ 'kept.io': 2 }))
    await first.stop()
    await rig.create('new', { hosts: ['kept.io'] })
    await rig.remove('old')
    await using _ = await rig.startReplica('another')
    await shows('new', pairs({ 'kept.io': 2 }))
  })

  it('goes on when somebody removes its record', async () => {
    await using _ = await start()
    await rig.create('one', { hosts: ['one.io'] })
    await shows('one', pairs({ 'one.io': 1 }))
    await rig.remove('one')
    await cluster.must(['delete', 'configmap', '-n', 'istio-system', 'meshdns-virtual-addresses'])
    await rig.create('two', { hosts: ['two.io'] })
    await shows('two', pairs({ 'two.io': 2 }))
  })

  it('only reads while an istiod gives out addresses, and takes over when it lets go', async () => {
    const lease = (holder: string) => ({
      apiVersion: 'coordination.k8s.io/v1',
      kind: 'Lease',
      metadata: { name: 'istio-ip-autoallocate', namespace: 'default' },
      spec: { holderIdentity: holder, leaseDurationSeconds: 3_600 },
    })
    await cluster.apply(lease('istiod-1'))
    await using replica = await start({ allocation: { mode: 'auto' } })
    assert.deepEqual(
      replica.health.items().map(({ code, detail }) => `${code} ${detail}`),
      ['ALLOCATION_ELSEWHERE default/istiod-1 renews its lease istio-ip-autoallocate'],
    )
    await rig.create('one', { hosts: ['one.io'] })
    await eventually(async () => assert.equal(replica.table.entries().size, 1))
    assert.deepEqual(await rig.addresses('one'), [])
    await cluster.apply(lease(''))
    await shows('one', pairs({ 'one.io': 1 }))
    assert.deepEqual(replica.health.items(), [])
    await cluster.must(['delete', 'lease', 'istio-ip-autoallocate'])
  })
})

/** What is made from now on is younger: times of creation are whole seconds. */
async function secondOver(rig: AllocationRig, name: string): Promise<void> {
  const { metadata } = (await rig.read(name)) as { metadata: { creationTimestamp: string } }
  const end = Date.parse(metadata.creationTimestamp) + 1_000
  await eventually(async () => assert.ok(Date.now() > end))
}

/** Waits until the condition is of this generation. */
async function condition(rig: AllocationRig, name: string, generation: number): Promise<void> {
  await eventually(async () => {
    const found = (await rig.conditions(name)).find(({ type }) =>
      String(type).startsWith('meshdns'),
    )
    assert.equal(found?.['observedGeneration'], generation)
  })
}
