import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import { type EntryRig, entryRig, follow, lists } from '../../testing/entry-reflector-rig.ts'
import { until } from '../../testing/until.ts'

function watches({ api }: EntryRig): readonly (string | null)[] {
  return api.requests
    .filter(({ isWatch }) => isWatch)
    .map(({ query }) => query.get('resourceVersion'))
}

interface Oddity {
  readonly name: string
  readonly event: object
}

const metadata = { name: 'odd', namespace: 'ns1', resourceVersion: '1' }

const oddities: readonly Oddity[] = [
  {
    name: 'an event of a type that nobody knows',
    event: { type: 'RENAMED', object: { metadata } },
  },
  { name: 'an event without an object', event: { type: 'ADDED' } },
  { name: 'an event without a type', event: { object: { metadata } } },
  { name: 'an object without metadata', event: { type: 'ADDED', object: { spec: {} } } },
  { name: 'an object without a name', event: { type: 'ADDED', object: { metadata: {} } } },
  {
    name: 'an object without a version',
    event: { type: 'ADDED', object: { metadata: { name: 'odd' } } },
  },
  { name: 'a deletion of what was never there', event: { type: 'DELETED', object: { metadata } } },
  { name: 'a bookmark without metadata', event: { type: 'BOOKMARK', object: {} } },
  { name: 'a bookmark without a version', event: { type: 'BOOKMARK', object: { metadata: {} } } },
  {
    name: 'a bookmark with an empty version',
    event: { type: 'BOOKMARK', object: { metadata: { resourceVersion: '' } } },
  },
]

describe('Reflector, whatever a stream says', () => {
  for (const { name, event } of oddities) {
    it(`does not mind ${name}`, async (test) => {
      const rig = await entryRig(test)
      rig.put('a')
      await follow(rig)
      rig.api.send(event)
      rig.put('b')
      await until(() => rig.changes.includes('+b'))
      assert.deepEqual(rig.changes, ['+a', '+b'])
      assert.equal(rig.api.streams(), 1)
    })
  }

  it('never watches from no version at all, which would hide what went meanwhile', async (test) => {
    const rig = await entryRig(test)
    rig.put('a')
    await follow(rig)
    rig.api.bookmark('')
    rig.api.endStreams()
    await until(() => {
      rig.clock.advance(500)
      return watches(rig).length === 2
    })
    assert.deepEqual(watches(rig), ['2', '2'])
  })

  it('hears the same event twice, and tells it once', async (test) => {
    const rig = await entryRig(test)
    rig.put('a')
    await follow(rig)
    rig.put('a')
    const [object] = rig.api.store.list('serviceentries')
    rig.api.send({ type: 'MODIFIED', object })
    rig.put('b')
    await until(() => rig.changes.length === 3)
    assert.deepEqual(rig.changes, ['+a', '+a', '+b'])
  })

  for (const [name, say] of [
    ['nothing', () => {}],
    ['a bookmark', ({ api }: EntryRig) => api.bookmark()],
  ] as const) {
    it(`does not hurry after streams that end at once and say ${name}`, async (test) => {
      const rig = await entryRig(test)
      await follow(rig)
      for (let count = 1; count <= 5; count += 1) {
        assert.equal(watches(rig).length, count)
        say(rig)
        rig.api.endStreams()
        await until(() => rig.clock.waiting > 0 && rig.api.streams() === 0)
        rig.clock.advance(499)
        // Time for a call that should not be made.
        for (let turn = 0; turn < 100; turn += 1) await setImmediate()
        assert.equal(watches(rig).length, count)
        rig.clock.advance(10_000)
        await until(() => rig.api.streams() === 1)
      }
    })
  }

  it('lists anew when streams say nothing again and again: the server lost what it had', async (test) => {
    const rig = await entryRig(test)
    for (const name of ['a', 'b']) rig.put(name)
    await follow(rig)
    rig.api.mute()
    rig.api.remove('serviceentries', 'ns1/a')
    // As etcd that was restored from a backup.
    rig.api.store.events.length = 0
    rig.api.store.version = 2
    await until(() => {
      rig.clock.advance(10_000)
      return rig.changes.length === 2
    })
    assert.deepEqual(rig.changes, ['+a +b', '-a'])
    assert.deepEqual(watches(rig).slice(0, 2), ['3', '3'])
    assert.equal(lists(rig), 2)
  })

  it('asks for longer pages when the server forgets a list between two of them', async (test) => {
    const rig = await entryRig(test)
    rig.api.pageSize = 1
    for (const name of ['a', 'b']) rig.put(name)
    rig.api.fail({ status: 410, times: 5, only: ({ query }) => query.get('continue') !== null })
    const started = rig.reflector.start()
    await until(() => {
      if (rig.clock.waiting > 0) rig.clock.advance(10_000)
      return rig.reflector.state === 'synced'
    })
    await started
    const sizes = rig.api.requests.flatMap(({ path, query }) =>
      path.endsWith('entries') && !query.has('continue') && query.has('limit')
        ? Number(query.get('limit'))
        : [],
    )
    assert.deepEqual(sizes, [500, 1_000, 2_000, 4_000, 8_000, 8_000])
  })
})
