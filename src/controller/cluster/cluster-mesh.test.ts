import assert from 'node:assert/strict'
import { describe, it, type TestContext } from 'node:test'
import { systemClock } from '../../base/clock.ts'
import { silentLog } from '../../base/log.ts'
import { FakeClusterApi } from '../../testing/fake-cluster-api.ts'
import { until } from '../../testing/until.ts'
import { createControllerPorts } from '../ports.ts'
import { ClusterMesh } from './cluster-mesh.ts'

const namespace = 'mesh-system'

async function createRig(test: TestContext, revision = '') {
  const api = await FakeClusterApi.start(test, [{ group: '', version: 'v1', plural: 'configmaps' }])
  const shared = createControllerPorts(systemClock, silentLog)
  test.after(() => shared.scope.stop())
  const ports = { ...shared, client: api.client, random: () => 0 }
  const mesh = new ClusterMesh({ namespace, revision }, ports)
  const put = (name: string, data: Readonly<Record<string, string>>) =>
    api.put('configmaps', { metadata: { name, namespace }, data })
  return { api, mesh, put, ...shared }
}

describe('ClusterMesh', () => {
  it('takes both config maps, and follows them', async (test) => {
    const { mesh, put } = await createRig(test)
    put('istio', { mesh: 'trustDomain: one.test\n' })
    put('istio-sidecar-injector', { values: '{"global":{"network":"n1"}}', config: 'x' })
    put('other', { mesh: 'trustDomain: other.test\n' })
    await mesh.start()
    assert.equal(mesh.current().mesh.trustDomain, 'one.test')
    assert.equal(mesh.current().network, 'n1')
    assert.equal(mesh.values()?.text, '{"global":{"network":"n1"}}')
    const heard: string[] = []
    mesh.follow((config) => heard.push(`${config.mesh.trustDomain} ${config.network}`))
    put('istio', { mesh: 'trustDomain: two.test\n' })
    await until(() => heard.length === 1)
    put('istio-sidecar-injector', { values: '{"global":{"network":"n2"}}' })
    await until(() => heard.length === 2)
    assert.deepEqual(heard, ['two.test n1', 'two.test n2'])
  })

  it('takes those of its revision', async (test) => {
    const { mesh, put } = await createRig(test, 'canary')
    put('istio', { mesh: 'trustDomain: other.test\n' })
    put('istio-canary', { mesh: 'trustDomain: canary.test\n' })
    await mesh.start()
    assert.equal(mesh.current().mesh.trustDomain, 'canary.test')
    assert.equal(mesh.current().revision, 'canary')
  })

  it('goes by the defaults where there is none', async (test) => {
    const { mesh } = await createRig(test)
    await mesh.start()
    assert.equal(mesh.current().mesh.rootNamespace, namespace)
    assert.equal(mesh.current().namespace, namespace)
  })

  it('keeps the last good version of one that becomes bad', async (test) => {
    const { mesh, put, health } = await createRig(test)
    put('istio', { mesh: 'trustDomain: one.test\n' })
    await mesh.start()
    put('istio', { mesh: 'defaultConfig: 1\n' })
    await until(() => health.items().length === 1)
    assert.match(health.items()[0]?.detail ?? '', /^ConfigMap mesh-system\/istio:1:16: error/)
    assert.equal(mesh.current().mesh.trustDomain, 'one.test')
    put('istio', { mesh: 'trustDomain: two.test\n' })
    await until(() => health.items().length === 0)
    assert.equal(mesh.current().mesh.trustDomain, 'two.test')
  })

  it('waits for a first one that can be used, and says so', async (test) => {
    const { mesh, put, readiness } = await createRig(test)
    put('istio', { mesh: 'trustDomain: [\n' })
    let started = false
    const starting = mesh.start().then(() => (started = true))
    const reason = () => JSON.stringify(readiness.current())
    await until(() => reason().includes('ConfigMap mesh-system/istio:'))
    assert.equal(started, false)
    put('istio', { mesh: 'trustDomain: one.test\n' })
    await starting
  })

  for (const denied of ['istio', 'istio-sidecar-injector']) {
    it(`waits until it may read ${denied}: a server that starts denies what it will allow`, async (test) => {
      const { api, mesh, put, readiness } = await createRig(test)
      put('istio', { mesh: 'trustDomain: one.test\n' })
      const selector = `metadata.name=${denied}`
      api.fail({ status: 403, only: ({ query }) => query.get('fieldSelector') === selector })
      const starting = mesh.start()
      const reason = () => JSON.stringify(readiness.current())
      await until(() => reason().includes('may not be read'))
      api.heal()
      await starting
      assert.equal(mesh.current().mesh.trustDomain, 'one.test')
    })
  }

  it('waits no longer when everything is stopped', async (test) => {
    const { mesh, put, scope, readiness } = await createRig(test)
    put('istio', { mesh: 'trustDomain: [\n' })
    const starting = mesh.start()
    await until(() => JSON.stringify(readiness.current()).includes('ConfigMap'))
    await scope.stop()
    await starting
  })
})
