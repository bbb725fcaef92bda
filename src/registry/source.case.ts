import assert from 'node:assert/strict'
import { describe, it, type TestContext } from 'node:test'
import { hostname } from '../testing/mesh.ts'
import { until } from '../testing/until.ts'
import type { CatalogChange } from './catalog.ts'
import type { Source } from './source.ts'

/** A source that runs, and a hand on what it reads from. */
export interface SourceRig {
  readonly source: Source
  /** Makes one more service appear where the source reads; the source need not know it yet. */
  readonly addService: (host: string) => Promise<unknown>
}

/** What every `Source` does; `start` gives a new one, with no services, that follows by itself. */
export function describeSource(
  name: string,
  start: (test: TestContext) => Promise<SourceRig>,
): void {
  describe(`${name}, as a source`, () => {
    it('has a name for people', async (test) => {
      const { source } = await start(test)
      assert.notEqual(source.name, '')
    })

    it('calls back after a change, when the new services are there already', async (test) => {
      const { source, addService } = await start(test)
      const seen: (readonly string[])[] = []
      source.follow(() => seen.push(hostsOf(source)))
      await addService('one.test')
      await until(() => seen.at(-1)?.includes('one.test') === true)
    })

    it('calls back all who follow', async (test) => {
      const { source, addService } = await start(test)
      const calls = [0, 0]
      for (const index of calls.keys()) source.follow(() => (calls[index] = 1))
      await addService('one.test')
      await until(() => calls.every((called) => called > 0))
    })

    it('names the hosts that changed, and no others', async (test) => {
      const { source, addService } = await start(test)
      await addService('one.test')
      await source.reload()
      const changes: CatalogChange[] = []
      source.follow((change) => changes.push(change))
      await addService('two.test')
      await until(() => hostsOf(source).includes('two.test'))
      assert.deepEqual(
        changes.map(({ hosts }) => [...hosts]),
        [['two.test']],
      )
    })

    it('gives the same services of a host as long as they did not change', async (test) => {
      const { source, addService } = await start(test)
      const one = await addedService(source, () => addService('one.test'))
      await addService('two.test')
      await until(() => hostsOf(source).includes('two.test'))
      assert.equal(source.services().get(hostname('one.test')), one)
    })

    it('is live: what it gave before knows what came later', async (test) => {
      const { source, addService } = await start(test)
      const services = source.services()
      assert.equal(services.size, 0)
      await addService('one.test')
      await until(() => services.has(hostname('one.test')))
    })

    it('reads again when it is told to', async (test) => {
      const { source, addService } = await start(test)
      await addService('one.test')
      await source.reload()
      assert.deepEqual(hostsOf(source), ['one.test'])
    })

    it('is silent on a reload that finds nothing new', async (test) => {
      const { source, addService } = await start(test)
      await addService('one.test')
      await source.reload()
      const services = new Map(source.services())
      source.follow(() => assert.fail('called back without a change'))
      await Promise.all([source.reload(), source.reload()])
      await source.reload()
      assert.deepEqual(source.services(), services)
    })

    it('keeps what it knew, and calls nobody back, once it is stopped', async (test) => {
      const { source, addService } = await start(test)
      await addService('one.test')
      await source.reload()
      const services = new Map(source.services())
      source.follow(() => assert.fail('called back after the stop'))
      await source.stop()
      await addService('two.test')
      await source.reload()
      assert.deepEqual(source.services(), services)
    })
  })
}

function hostsOf(source: Source): readonly string[] {
  return [...source.services().keys()]
}

async function addedService(source: Source, add: () => Promise<unknown>) {
  await add()
  await source.reload()
  const [services] = source.services().values()
  assert.ok(services)
  return services
}
