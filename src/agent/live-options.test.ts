import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import { systemClock } from '../base/clock.ts'
import { Health } from '../base/health.ts'
import { silentLog } from '../base/log.ts'
import { temporaryFolder } from '../testing/temporary-folder.ts'
import { until } from '../testing/until.ts'
import { LiveOptions, type LiveSettings } from './live-options.ts'
import { AgentOptions } from './options.ts'

async function follow(test: TestContext) {
  const file = join(await temporaryFolder(test), 'options')
  const running = AgentOptions.parse({})
  const health = new Health()
  const adjusted: LiveSettings[] = []
  const state = { read: () => running }
  const live = new LiveOptions(
    {
      running,
      source: { paths: [file], read: () => state.read() },
      adjust: async (settings) => void adjusted.push(settings),
    },
    { clock: systemClock, health, log: silentLog },
  )
  await live.start()
  test.after(() => live.stop())
  const codes = () => health.items().map(({ code, detail }) => `${code} ${detail}`)
  return { file, state, live, adjusted, codes }
}

describe('options that are followed', () => {
  it('take effect when a file appears or changes', async (test) => {
    const { file, state, adjusted } = await follow(test)
    state.read = () => AgentOptions.parse({ captureEnabled: true, logLevel: 'debug' })
    await writeFile(file, 'x')
    await until(() => adjusted.at(-1)?.captureEnabled === true)
    assert.equal(adjusted.at(-1)?.logLevel, 'debug')
  })

  it('say what waits for a restart, until it is as it was', async (test) => {
    const { state, live, codes } = await follow(test)
    const relay = { drainMs: 1 }
    state.read = () => AgentOptions.parse({ captureEnabled: true, listen: ':53', relay })
    await live.reload()
    assert.deepEqual(codes(), ['AGENT_RESTART_NEEDED listen, relay.drainMs'])
    state.read = () => AgentOptions.parse({})
    await live.reload()
    assert.deepEqual(codes(), [])
  })

  it('stay in force when the new ones make no sense', async (test) => {
    const { state, live, adjusted, codes } = await follow(test)
    await until(() => adjusted.length > 0)
    const { length } = adjusted
    state.read = () => {
      throw new Error('mesh:1:2: no such field\nhint')
    }
    await live.reload()
    assert.deepEqual(codes(), ['AGENT_OPTIONS_REFUSED mesh:1:2: no such field'])
    assert.equal(adjusted.length, length)
  })
})
