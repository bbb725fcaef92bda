import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import {
  type EntryRig,
  entryRig,
  follow,
  lists,
  served,
} from '../../testing/entry-reflector-rig.ts'
import type { ApiFaultScript } from '../../testing/fake-cluster-api.ts'
import { until } from '../../testing/until.ts'

const onlyWatch: Pick<ApiFaultScript, 'only'> = { only: ({ isWatch }) => isWatch }

describe('Reflector', () => {
  it('lists in pages, tells that as one change, and then each event', async (test) => {
    const rig = await entryRig(test)
    rig.api.pageSize = 2
    for (const name of ['a', 'b', 'c', 'd', 'e', 'unwanted']) rig.put(name)
    await follow(rig)
    assert.deepEqual(rig.changes, ['+a +b +c +d +e'])
    assert.equal(lists(rig), 3)
    rig.put('f')
    rig.put('a')
    rig.api.remove('serviceentries', 'ns1/b')
    rig.api.remove('serviceentries', 'ns1/unwanted')
    await until(() => rig.changes.length === 4)
    assert.deepEqual(rig.changes.slice(1), ['+f', '+a', '-b'])
    assert.deepEqual(
      [...rig.reflector.items().keys()].sort().join(' '),
      'ns1/a ns1/c ns1/d ns1/e ns1/f',
    )
    assert.equal(rig.reflector.state, 'synced')
  })

  it('tells when a list is asked for, and when it was told', async (test) => {
    const rig = await entryRig(test)
    rig.put('a')
    rig.reflector.followLists(() => {
      rig.changes.push('asked')
      return () => rig.changes.push('told')
    })
    await follow(rig)
    await rig.reflector.reload()
    assert.deepEqual(rig.changes, ['asked', '+a', 'told', 'asked', 'told'])
  })

  it('misses nothing that happens between list and watch', async (test) => {
    const rig = await entryRig(test)
    rig.put('a')
    rig.api.fail({ status: 500, times: 1, ...onlyWatch })
    await rig.reflector.start()
    rig.put('b')
    await until(() => rig.api.requests.some(({ isWatch }) => isWatch))
    await until(() => {
      rig.clock.advance(500)
      return rig.changes.length === 2
    })
    assert.deepEqual(rig.changes, ['+a', '+b'])
    assert.equal(lists(rig), 1)
  })

  for (const [name, end] of [
    ['ends', ({ api }: EntryRig) => api.endStreams()],
    ['breaks', ({ api }: EntryRig) => api.breakStreams()],
  ] as const) {
    it(`goes on from where it was when a stream ${name}`, async (test) => {
      const rig = await entryRig(test)
      rig.put('a')
      await follow(rig)
      rig.put('b')
      await until(() => rig.changes.length === 2)
      end(rig)
      await until(() => rig.api.streams() === 0)
      rig.put('c')
      await until(() => {
        rig.clock.advance(500)
        return rig.changes.length === 3
      })
      assert.deepEqual(rig.changes, ['+a', '+b', '+c'])
      assert.equal(lists(rig), 1)
      assert.deepEqual(rig.health.items(), [])
    })
  }

  it('resumes from a bookmark, so that what was forgotten before it does not matter', async (test) => {
    const rig = await entryRig(test)
    rig.put('a')
    await follow(rig)
    rig.api.put('others', { metadata: { name: 'x' } })
    rig.api.compact()
    rig.api.bookmark()
    rig.put('b')
    await until(() => rig.changes.length === 2)
    rig.api.endStreams()
    await until(() => {
      rig.clock.advance(500)
      return rig.api.requests.filter(({ isWatch }) => isWatch).length === 2
    })
    const versions = rig.api.requests
      .filter(({ isWatch }) => isWatch)
      .map(({ query }) => query.get('resourceVersion'))
    assert.deepEqual(versions, ['2', String(rig.api.store.version)])
    assert.equal(lists(rig), 1)
  })

  it('finds a kind that appears later, in an older version', async (test) => {
    const rig = await entryRig(test)
    rig.api.withdraw('serviceentries')
    await rig.reflector.start()
    assert.equal(rig.reflector.state, 'missing')
    rig.api.serve({ ...served, version: 'v1beta1' })
    rig.put('a')
    await until(() => {
      rig.clock.advance(1_000)
      return rig.changes.length === 1
    })
    assert.equal(rig.reflector.state, 'synced')
    assert.equal(rig.reflector.servedVersion, 'v1beta1')
    assert.deepEqual(rig.health.items(), [])
  })

  it('prefers the first version that is served', async (test) => {
    const rig = await entryRig(test)
    rig.api.serve({ ...served, version: 'v1beta1' })
    await rig.reflector.start()
    assert.equal(rig.reflector.servedVersion, 'v1')
  })

  it('keeps an object as it was when it cannot be read any more, and follows the others', async (test) => {
    const rig = await entryRig(test)
    rig.put('faulty')
    rig.put('a')
    await follow(rig)
    rig.put('faulty')
    rig.put('b')
    await until(() => rig.changes.length === 2)
    assert.deepEqual(rig.changes, ['+a', '+b'])
  })

  it('goes on when a follower throws', async (test) => {
    const rig = await entryRig(test)
    rig.reflector.follow(() => assert.fail('a follower'))
    rig.reflector.followState(() => assert.fail('a follower of states'))
    await follow(rig)
    rig.put('a')
    rig.put('b')
    await until(() => rig.changes.length === 2)
    assert.equal(rig.api.streams(), 1)
  })

  it('follows one namespace, or what a selector says', async (test) => {
    const rig = await entryRig(test, { namespace: 'ns2', fieldSelector: 'metadata.name=a' })
    rig.put('a')
    rig.put('a', 'ns2')
    rig.put('b', 'ns2')
    await follow(rig)
    rig.put('b', 'ns2')
    rig.put('a', 'ns2')
    await until(() => rig.changes.length === 2)
    assert.deepEqual([...rig.reflector.items().keys()], ['ns2/a'])
  })

  it('ends its stream at the stop, and a start that waits', async (test) => {
    const rig = await entryRig(test)
    await follow(rig)
    await rig.reflector.stop()
    await until(() => rig.api.streams() === 0)
    rig.put('a')
    const other = await entryRig(test)
    other.api.fail({ status: 500 })
    const started = other.reflector.start()
    await until(() => other.api.requests.length > 0)
    await other.reflector.stop()
    await started
    assert.deepEqual([...rig.changes, ...other.changes], [])
    assert.equal(other.reflector.state, 'waiting')
  })
})
