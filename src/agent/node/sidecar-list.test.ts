import assert from 'node:assert/strict'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import { silentLog } from '../../base/log.ts'
import type { Sidecar } from '../../registry/sidecar.ts'
import { catalogOf } from '../../testing/catalogs.ts'
import { reflectorRig } from '../../testing/reflector-rig.ts'
import { temporaryFolder } from '../../testing/temporary-folder.ts'
import { until } from '../../testing/until.ts'
import { SidecarList } from './sidecar-list.ts'
import { SidecarsFile } from './sidecars-file.ts'

const served = { group: 'networking.istio.io', version: 'v1', plural: 'sidecars' }

const saved: readonly Sidecar[] = [
  {
    namespace: 'shop',
    name: 'saved',
    selector: new Map([['app', 'till']]),
    egress: [{ namespace: '.', host: '*' }],
    createdAt: 7,
  },
  { namespace: 'bank', name: 'all', egress: [], createdAt: 0 },
]

async function rigOf(test: TestContext, { areSaved = true } = {}) {
  const { api, clock, ports } = await reflectorRig(test, [served])
  const folder = await temporaryFolder(test)
  const file = () => new SidecarsFile(folder, silentLog)
  if (areSaved) {
    const before = file()
    before.save(saved)
    await before.stop()
  }
  const list = new SidecarList({ ...ports, file: file() })
  test.after(() => list.stop())
  const catalog = list.over({ ...catalogOf([]), reload: async () => {} })
  let told = 0
  catalog.follow(({ sidecars }) => {
    if (sidecars) told += 1
  })
  const names = () => catalog.sidecars().map(({ namespace, name }) => `${namespace}/${name}`)
  const put = (name: string) =>
    api.put('sidecars', {
      metadata: { name, namespace: 'shop' },
      spec: { egress: [{ hosts: ['./*'] }] },
    })
  const path = join(folder, 'node-sidecars.json')
  return { api, clock, list, catalog, names, put, path, file, told: () => told }
}

describe('SidecarList', () => {
  it('has those of the last agent, as they were, until the cluster says which there are', async (test) => {
    const rig = await rigOf(test)
    rig.put('fresh')
    rig.api.fail({ status: 500 })
    assert.equal(await rig.list.load(), true)
    const started = rig.list.start()
    await until(() => rig.api.requests.length > 0)
    assert.deepEqual(rig.catalog.sidecars(), saved)
    rig.api.heal()
    await until(() => {
      rig.clock.advance(1_000)
      return rig.names().join() === 'shop/fresh'
    })
    await started
    assert.equal(rig.told(), 1)
  })

  it('saves what the cluster says, for the next agent', async (test) => {
    const rig = await rigOf(test, { areSaved: false })
    rig.put('one')
    assert.equal(await rig.list.load(), false)
    await rig.list.start()
    rig.put('two')
    await until(() => rig.names().length === 2)
    await rig.list.stop()
    const next = await rig.file().load()
    assert.deepEqual(next, rig.catalog.sidecars())
  })

  it('knows that there are none, too', async (test) => {
    const rig = await rigOf(test)
    await rig.list.load()
    await rig.list.start()
    assert.deepEqual(rig.names(), [])
    await rig.list.stop()
    assert.deepEqual(await rig.file().load(), [])
  })

  it('keeps them where it may not read any', async (test) => {
    const rig = await rigOf(test)
    rig.api.fail({ status: 403 })
    await rig.list.load()
    await rig.list.start()
    rig.clock.advance(30_000)
    assert.equal(rig.names().length, 2)
  })

  it('keeps them for a while where the API server does not know the kind, as when it starts', async (test) => {
    const rig = await rigOf(test)
    rig.api.withdraw('sidecars')
    await rig.list.load()
    await rig.list.start()
    rig.clock.advance(29_999)
    assert.equal(rig.names().length, 2)
    rig.clock.advance(1)
    assert.deepEqual(rig.names(), [])
    assert.equal(rig.told(), 1)
  })

  for (const { name, text } of [
    { name: 'is cut off', text: '{"version":1,"items":[{"namesp' },
    { name: 'is of another version', text: '{"version":2,"items":[]}' },
    { name: 'has something else in it', text: '{"version":1,"items":[{"namespace":"shop"}]}' },
  ]) {
    it(`does not know when the file ${name}`, async (test) => {
      const rig = await rigOf(test)
      assert.notEqual(await readFile(rig.path, 'utf8'), '')
      await writeFile(rig.path, text)
      assert.equal(await rig.list.load(), false)
      assert.deepEqual(rig.names(), [])
    })
  }
})
