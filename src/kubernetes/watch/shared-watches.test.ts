import assert from 'node:assert/strict'
import { describe, it, type TestContext } from 'node:test'
import { lists, served } from '../../testing/entry-reflector-rig.ts'
import { reflectorRig } from '../../testing/reflector-rig.ts'
import { until } from '../../testing/until.ts'
import { objectsHeld } from './meters.ts'
import { Reflector } from './reflector.ts'
import type { WatchedObjects } from './reflector-options.ts'
import { SharedWatches } from './shared-watches.ts'

const kind = { group: served.group, versions: ['v1'], plural: served.plural } as const

interface Named {
  readonly name: string
}

async function rigOf(test: TestContext) {
  const rig = await reflectorRig(test, [served])
  const ports = { ...rig.ports, watches: new SharedWatches() }
  return {
    ...rig,
    put: (name: string) => rig.api.put(served.plural, { metadata: { name, namespace: 'ns1' } }),
    /** Keeps those whose name `isKept`. */
    reflector(isKept: (name: string) => boolean, watched: Partial<WatchedObjects> = {}) {
      const project = (raw: { readonly [key: string]: unknown }) => {
        const { name } = raw['metadata'] as Named
        return isKept(name) ? name : undefined
      }
      const reflector = new Reflector({ kind, ...watched, project }, ports)
      test.after(() => reflector.stop())
      return reflector
    },
    held: () => rig.ports.meters.cell(objectsHeld, 'serviceentries.networking.istio.io').value,
  }
}

const all = () => true

describe('SharedWatches', () => {
  it('has all who follow the same share one list and one stream, each with what it keeps', async (test) => {
    const rig = await rigOf(test)
    rig.put('a')
    rig.put('b')
    const [first, second] = [rig.reflector(all), rig.reflector((name) => name > 'a')]
    await Promise.all([first.start(), second.start()])
    await until(() => rig.api.streams() === 1)
    rig.put('c')
    await until(() => first.items().size === 3)
    assert.deepEqual([...second.items().values()], ['b', 'c'])
    assert.equal(lists(rig), 1)
    assert.equal(rig.held(), 3)
    assert.deepEqual([second.state, second.servedVersion], ['synced', 'v1'])
  })

  it('leaves nobody with a watch that ended before it began', async (test) => {
    const rig = await rigOf(test)
    rig.put('a')
    await rig.reflector(all).stop()
    const second = await rig.reflector(all).start()
    assert.deepEqual([second.state, [...second.items().values()]], ['synced', ['a']])
  })

  it('fills also what nobody has started yet', async (test) => {
    const rig = await rigOf(test)
    rig.put('a')
    const [first, second] = [rig.reflector(all), rig.reflector(all)]
    await first.start()
    assert.deepEqual([...second.items().values()], ['a'])
  })

  it('goes on for those who are left, and ends with the last', async (test) => {
    const rig = await rigOf(test)
    const [first, second] = [rig.reflector(all), rig.reflector(all)]
    await Promise.all([first.start(), second.start()])
    await until(() => rig.api.streams() === 1)
    first.follow(() => assert.fail('it does not follow any more'))
    await first.stop()
    rig.put('a')
    await until(() => second.items().size === 1)
    assert.equal(first.items().size, 0)
    await second.stop()
    await until(() => rig.api.streams() === 0)
    assert.equal(rig.held(), 0)
  })

  it('ends the wait of one that is stopped while others wait on', async (test) => {
    const rig = await rigOf(test)
    rig.api.fail({ status: 500 })
    const [first, second] = [rig.reflector(all), rig.reflector(all)]
    const starting = [first.start(), second.start()]
    await until(() => rig.api.requests.length > 0)
    await first.stop()
    await starting[0]
    rig.api.heal()
    await until(() => {
      rig.clock.advance(1_000)
      return second.state === 'synced'
    })
    await starting[1]
  })

  it('keeps what one could not read from changing what others read', async (test) => {
    const rig = await rigOf(test)
    const first = rig.reflector(() => {
      throw new Error('cannot be read')
    })
    const second = rig.reflector(all)
    rig.put('a')
    await Promise.all([first.start(), second.start()])
    assert.deepEqual([first.items().size, second.items().size], [0, 1])
  })

  it('gives a watch of their own to who comes late, and to who follows something else', async (test) => {
    const rig = await rigOf(test)
    rig.put('a')
    const first = rig.reflector(all)
    const others = [{ namespace: 'ns1' }, { labelSelector: 'a=b' }, { metadataOnly: true }]
    for (const watched of others) await rig.reflector(all, watched).start()
    await first.start()
    const late = await rig.reflector(all).start()
    assert.deepEqual([...late.items().values()], ['a'])
    await until(() => rig.api.streams() === others.length + 2)
  })
})
