import assert from 'node:assert/strict'
import { describe, it, type TestContext } from 'node:test'
import { meshObject } from '../../testing/mesh-objects.ts'
import { type ReflectorRig, reflectorRig } from '../../testing/reflector-rig.ts'
import { until } from '../../testing/until.ts'
import { SelectedPods } from './selected-pods.ts'
import { podKind } from './source-kinds.ts'

interface Rig extends ReflectorRig {
  readonly pods: SelectedPods
  /** `NAMESPACE/NAME` of those that are selected, as far as they are told. */
  readonly told: ReadonlySet<string>
  /** Each that was ever told to be there. */
  readonly heard: readonly string[]
  /** Namespaces of the open watches; `*` for all of them. */
  watches(): string
  /** Has something select Pods in so many namespaces more, or fewer. */
  select(count: number, app?: string): void
  unselect(count: number, app?: string): void
  put(key: string, app: string, phase?: string): void
}

const [version] = podKind.watched.versions
const served = { ...podKind.watched, version }
const isWide = ({ path }: { readonly path: string }) => path === '/api/v1/pods'

async function startRig(test: TestContext): Promise<Rig> {
  const rig = await reflectorRig(test, [served])
  const told = new Set<string>()
  const heard: string[] = []
  const pods = new SelectedPods(rig.ports, ({ put, gone }) => {
    for (const { key } of gone) assert.ok(told.delete(key), `${key} is gone, but was never there`)
    for (const { key } of put) told.add(key)
    heard.push(...put.map(({ key }) => key))
  })
  test.after(() => pods.stop())
  const entries = (count: number, app: string) =>
    Array.from({ length: count }, (_, at) => entryIn(`ns${at}`, app))
  return {
    ...rig,
    pods,
    told,
    heard,
    watches: () => rig.api.watchedNamespaces('pods').toSorted().join(' '),
    select: (count, app = 'web') => pods.update({ gone: [], come: entries(count, app) }),
    unselect: (count, app = 'web') => pods.update({ gone: entries(count, app), come: [] }),
    put(key, app, phase = 'Running') {
      const [namespace = '', name = ''] = key.split('/')
      const status = { podIP: '10.1.0.1', phase }
      rig.api.put('pods', { metadata: { namespace, name, labels: { app } }, spec: {}, status })
    },
  }
}

function entryIn(namespace: string, app: string) {
  return meshObject({
    kind: 'ServiceEntry',
    metadata: { name: app, namespace },
    spec: {
      hosts: [`${app}.test`],
      resolution: 'STATIC',
      ports: [{ number: 80, name: 'http', protocol: 'HTTP' }],
      workloadSelector: { labels: { app } },
    },
  })
}

describe('SelectedPods', () => {
  it('are watched in each of a few namespaces, and all at once when there are more', async (test) => {
    const rig = await startRig(test)
    for (const key of ['ns0/a', 'ns16/a', 'ns17/a', 'other/a']) rig.put(key, 'web')
    rig.put('ns0/b', 'mail')
    rig.select(2)
    await rig.pods.start()
    await until(() => rig.watches() === 'ns0 ns1')
    assert.deepEqual([...rig.told], ['ns0/a'])
    rig.select(17, 'mail')
    await until(() => rig.watches() === '*')
    assert.deepEqual([...rig.told].toSorted(), ['ns0/a', 'ns0/b'])
    rig.select(18)
    assert.deepEqual([...rig.told].toSorted(), ['ns0/a', 'ns0/b', 'ns16/a', 'ns17/a'])
    rig.put('ns1/c', 'mail')
    rig.api.remove('pods', 'ns17/a')
    await until(() => rig.told.has('ns1/c') && !rig.told.has('ns17/a'))
    assert.equal(rig.watches(), '*')
  })

  it('are no longer watched when nothing selects any', async (test) => {
    const rig = await startRig(test)
    rig.put('ns0/a', 'web')
    rig.put('ns17/a', 'web')
    rig.select(18)
    await rig.pods.start()
    assert.equal(rig.told.size, 2)
    await until(() => rig.watches() === '*')
    rig.unselect(18)
    assert.equal(rig.told.size, 0)
    await until(() => rig.watches() === '')
  })

  it('are watched one namespace after another when few are left, of which none is missed meanwhile', async (test) => {
    const rig = await startRig(test)
    for (const key of ['ns0/a', 'ns0/b', 'ns7/a', 'ns17/a']) rig.put(key, 'web')
    rig.select(8)
    rig.select(9, 'news')
    rig.select(18, 'mail')
    await rig.pods.start()
    await until(() => rig.watches() === '*')
    rig.unselect(18, 'mail')
    await rig.pods.start()
    assert.equal(rig.watches(), '*')
    rig.api.fail({ status: 403, only: ({ path }) => path === '/api/v1/namespaces/ns7/pods' })
    rig.unselect(9, 'news')
    await until(() => rig.watches() === '* ns0 ns1 ns2 ns3 ns4 ns5 ns6')
    rig.api.remove('pods', 'ns0/b')
    await until(() => !rig.told.has('ns0/b'))
    assert.deepEqual([...rig.told].toSorted(), ['ns0/a', 'ns7/a'])
    rig.api.heal()
    await until(() => {
      rig.clock.advance(1_000)
      return rig.watches() === 'ns0 ns1 ns2 ns3 ns4 ns5 ns6 ns7'
    })
    rig.put('ns7/b', 'web')
    await until(() => rig.told.has('ns7/b'))
    assert.deepEqual([...rig.told].toSorted(), ['ns0/a', 'ns7/a', 'ns7/b'])
    assert.deepEqual(rig.health.items(), [])
  })

  it('are watched one namespace after another where not all may be seen, until they may', async (test) => {
    const rig = await startRig(test)
    rig.put('ns0/a', 'web')
    rig.put('ns17/a', 'web')
    rig.api.fail({ status: 403, only: isWide })
    rig.select(18)
    await rig.pods.start()
    assert.deepEqual([...rig.told].toSorted(), ['ns0/a', 'ns17/a'])
    await until(() => rig.watches().split(' ').length === 18)
    assert.deepEqual(
      rig.health.items().map(({ detail }) => detail),
      ['apiGroups: [""], resources: ["pods"], verbs: ["list", "watch"]'],
    )
    rig.api.heal()
    await until(() => {
      rig.clock.advance(1_000)
      return rig.watches() === '*'
    })
    assert.equal(rig.told.size, 2)
    assert.deepEqual(rig.health.items(), [])
  })

  it('follow what happens while the right to see all of them is taken away', async (test) => {
    const rig = await startRig(test)
    rig.put('ns0/a', 'web')
    rig.put('ns0/b', 'web')
    rig.select(17)
    await rig.pods.start()
    await until(() => rig.watches() === '*')
    rig.api.fail({ status: 403, only: isWide })
    rig.api.mute()
    rig.api.remove('pods', 'ns0/a')
    rig.put('ns0/c', 'web')
    rig.api.endStreams()
    await until(() => {
      rig.clock.advance(1_000)
      return rig.told.has('ns0/c')
    })
    await until(() => !rig.told.has('ns0/a'))
    assert.deepEqual([...rig.told], ['ns0/b', 'ns0/c'])
  })

  it('are told once, as long as nothing is new that is needed of them', async (test) => {
    const rig = await startRig(test)
    rig.put('ns0/a', 'web')
    rig.select(1)
    await rig.pods.start()
    await until(() => rig.watches() === 'ns0')
    rig.put('ns0/a', 'web')
    rig.put('ns0/b', 'web')
    await until(() => rig.told.has('ns0/b'))
    assert.deepEqual(rig.heard, ['ns0/a', 'ns0/b'])
  })

  it('are not those that have ended', async (test) => {
    const rig = await startRig(test)
    for (const phase of ['Running', 'Succeeded', 'Failed', 'Pending'])
      rig.put(`ns0/${phase.toLowerCase()}`, 'web', phase)
    rig.select(1)
    await rig.pods.start()
    assert.deepEqual([...rig.told], ['ns0/running', 'ns0/pending'])
  })
})
