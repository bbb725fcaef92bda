import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { systemClock } from '../base/clock.ts'
import { silentLog } from '../base/log.ts'
import { FakeClusterApi } from '../testing/fake-cluster-api.ts'
import { temporaryFolder } from '../testing/temporary-folder.ts'
import { until } from '../testing/until.ts'
import { writeKubeconfig } from '../testing/write-kubeconfig.ts'
import { ControllerOptions } from './options.ts'
import { startController } from './start-controller.ts'

const process = {
  clock: systemClock,
  log: silentLog,
  name: 'c',
  env: {},
  version: '0.0.0',
  families: () => [4] as const,
}

function optionsOf(more: object) {
  return ControllerOptions.parse({
    admin: { address: '127.0.0.1:0' },
    xds: { plaintextAddress: '127.0.0.1:0', tlsAddresses: [] },
    ...more,
  })
}

describe('a controller of a cluster', () => {
  it('takes no files besides', async () => {
    const kubernetes = { enabled: true }
    for (const files of [{ sources: ['a.yaml'] }, { meshConfig: 'a.yaml' }]) {
      await assert.rejects(startController(optionsOf({ kubernetes, ...files }), process), {
        code: 'CONTROLLER_TWO_STORES',
        message: /reads no files, but is given a\.yaml/,
      })
    }
  })

  it('lives in istio-system, wherever its user works and whatever the context is called', async (test) => {
    const api = await FakeClusterApi.start(test, [
      { group: '', version: 'v1', plural: 'configmaps' },
    ])
    api.fail({ status: 503, only: ({ path }) => path.startsWith('/apis/') })
    const folder = await temporaryFolder(test)
    const kubeconfig = await writeKubeconfig(folder, api.server, 'in-cluster')
    const stopping = new AbortController()
    const options = optionsOf({ kubernetes: { enabled: true, kubeconfig } })
    const started = startController(options, { ...process, stopping: stopping.signal })
    await until(() => api.requests.some(({ path }) => path.endsWith('/configmaps')))
    stopping.abort()
    await assert.rejects(started, { code: 'CONTROLLER_STOPPED' })
    const asked = api.requests.map(({ path }) => path.split('/')[4] ?? '')
    assert.deepEqual(
      [...new Set(asked)].filter((namespace) => namespace !== ''),
      ['istio-system'],
    )
  })

  it('can be stopped while it waits for its cluster', { timeout: 600_000 }, async (test) => {
    const api = await FakeClusterApi.start(test, [])
    api.fail({ status: 503 })
    const kubeconfig = await writeKubeconfig(await temporaryFolder(test), api.server)
    const stopping = new AbortController()
    const options = optionsOf({ kubernetes: { enabled: true, kubeconfig } })
    const started = startController(options, { ...process, stopping: stopping.signal })
    setImmediate(() => stopping.abort())
    await assert.rejects(started, { code: 'CONTROLLER_STOPPED' })
  })
})
