import assert from 'node:assert/strict'
import { describe, it, type TestContext } from 'node:test'
import type { ApiCall } from '../../kubernetes/client/cluster-client.ts'
import { FakeLeadership } from '../../testing/leadership.ts'
import { reflectorRig } from '../../testing/reflector-rig.ts'
import { until } from '../../testing/until.ts'
import { CaBundles } from './ca-bundles.ts'

const plural = 'validatingwebhookconfigurations'
const served = { group: 'admissionregistration.k8s.io', version: 'v1', plural }

/** The root `one`, a configuration that knows none, and patches that are answered when the test says. */
async function startRig(test: TestContext) {
  const { api, ports } = await reflectorRig(test, [served])
  const metadata = { name: 'meshdns-validator-istio-system' }
  api.put(plural, { metadata, webhooks: [{ name: 'v.istio.io', clientConfig: {} }] })
  const patches: { readonly body: unknown; readonly answer: PromiseWithResolvers<object> }[] = []
  const call = (asked: ApiCall) => {
    if (asked.method !== 'PATCH') return api.client.call(asked)
    const answer = Promise.withResolvers<object>()
    patches.push({ body: asked.body, answer })
    return answer.promise as Promise<Record<string, unknown>>
  }
  const watch = api.client.watch.bind(api.client)
  const leadership = new FakeLeadership()
  let root = 'one'
  let changed = () => {}
  const certificates = { roots: () => root, follow: (onChange: () => void) => (changed = onChange) }
  const place = { namespace: 'istio-system', revision: 'default' }
  const bundles = new CaBundles(
    { place, leadership, certificates },
    { ...ports, client: { call, watch } },
  )
  test.after(() => bundles.stop())
  bundles.start()
  leadership.lead(true)
  const rotate = (next: string) => {
    root = next
    changed()
  }
  await until(() => patches.length === 1)
  return { patches, rotate }
}

const stepsTo = (root: string) => [
  { op: 'test', path: '/metadata/resourceVersion', value: '2' },
  { op: 'test', path: '/webhooks/0/name', value: 'v.istio.io' },
  { op: 'add', path: '/webhooks/0/clientConfig/caBundle', value: btoa(root) },
]

describe('the roots of webhooks', () => {
  it('are written for just the version that was seen, again after a change meanwhile', async (test) => {
    const { patches, rotate } = await startRig(test)
    rotate('two')
    assert.equal(patches.length, 1, 'one at a time')
    patches[0]?.answer.resolve({})
    await until(() => patches.length === 2)
    assert.deepEqual(
      patches.map(({ body }) => body),
      [stepsTo('one'), stepsTo('two')],
    )
  })
})
