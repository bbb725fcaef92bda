import assert from 'node:assert/strict'
import { describe, it, type TestContext } from 'node:test'
import { ApiFailure } from '../../../kubernetes/client/api-failure.ts'
import type { ApiCall, ClusterClient } from '../../../kubernetes/client/cluster-client.ts'
import { reflectorRig } from '../../../testing/reflector-rig.ts'
import { until } from '../../../testing/until.ts'
import { followNamespaces } from '../follow-namespaces.ts'
import { RootCertificates } from './root-certificates.ts'

const core = { group: '', version: 'v1' }

/** A leader in a cluster with the namespace `one`, whose writes are answered when the test says. */
async function startRig(test: TestContext) {
  const kinds = ['namespaces', 'configmaps'].map((plural) => ({ ...core, plural }))
  const { api, ports, health, clock } = await reflectorRig(test, kinds)
  const namespaces = followNamespaces(ports)
  test.after(() => namespaces.stop())
  api.put('namespaces', { metadata: { name: 'one' } })
  await namespaces.start()
  const writes: PromiseWithResolvers<Record<string, unknown>>[] = []
  const client = {
    call(asked: ApiCall) {
      if (asked.method === undefined) return api.client.call(asked)
      const answer = Promise.withResolvers<Record<string, unknown>>()
      writes.push(answer)
      return answer.promise
    },
    watch: api.client.watch.bind(api.client),
  } as ClusterClient
  const data = () => ({ 'root-cert.pem': 'root' })
  const roots = new RootCertificates({ ...ports, client, namespaces, data })
  test.after(() => roots.stop())
  await roots.start()
  roots.lead(true)
  await until(() => writes.length === 1)
  const refuse = () => writes.at(-1)?.reject(refusal)
  return { api, health, clock, namespaces, roots, writes, refuse }
}

const refusal = new ApiFailure('POST', { status: 403, reason: 'Forbidden', message: 'no' })

describe('RootCertificates', () => {
  it('lacks nothing any more when the namespace is gone that it could not write into', async (test) => {
    const { api, health, clock, namespaces, refuse } = await startRig(test)
    refuse()
    await until(() => health.items().length === 1)
    api.remove('namespaces', '/one')
    await until(() => namespaces.items().size === 0)
    clock.advance(60_000)
    await until(() => health.items().length === 0)
  })

  it('lacks nothing any more when somebody else wrote what it could not', async (test) => {
    const { api, health, refuse } = await startRig(test)
    refuse()
    await until(() => health.items().length === 1)
    const metadata = { name: 'istio-ca-root-cert', namespace: 'one' }
    api.put('configmaps', { metadata, data: { 'root-cert.pem': 'root' } })
    await until(() => health.items().length === 0)
  })

  it('says nothing of a refusal that comes when another leads', async (test) => {
    const { health, roots, writes, refuse } = await startRig(test)
    roots.lead(false)
    refuse()
    await writes[0]?.promise.catch(() => {})
    await new Promise(setImmediate)
    assert.deepEqual(health.items(), [])
  })

  it('says that it fails as long as one namespace does, also while others are written', async (test) => {
    const { api, health, clock, writes, refuse } = await startRig(test)
    refuse()
    await until(() => health.items().length === 1)
    clock.advance(60_000)
    await until(() => writes.length === 2)
    api.put('namespaces', { metadata: { name: 'two' } })
    await until(() => writes.length === 3)
    writes[2]?.resolve({})
    await new Promise(setImmediate)
    assert.equal(health.items().length, 1)
    writes[1]?.resolve({})
    await until(() => health.items().length === 0)
  })
})
