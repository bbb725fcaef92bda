import assert from 'node:assert/strict'
import { describe, it, type TestContext } from 'node:test'
import { ApiFailure } from '../../kubernetes/client/api-failure.ts'
import type { ApiCall } from '../../kubernetes/client/cluster-client.ts'
import { FakeLeadership } from '../../testing/leadership.ts'
import { reflectorRig } from '../../testing/reflector-rig.ts'
import { until } from '../../testing/until.ts'
import { startCaBundles } from './ca-bundles.ts'

const plural = 'validatingwebhookconfigurations'
const served = { group: 'admissionregistration.k8s.io', version: 'v1', plural }

/** The root `one`, a configuration that knows none, and patches that are answered when the test says. */
async function startRig(test: TestContext) {
  const { api, ports, health } = await reflectorRig(test, [served])
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
  const followers: (() => void)[] = []
  const certificates = {
    roots: () => root,
    follow: (onChange: () => void) => followers.push(onChange),
  }
  const place = { namespace: 'istio-system', revision: 'default' }
  const bundles = startCaBundles(
    { place, leadership, certificates },
    { ...ports, client: { call, watch } },
  )
  test.after(() => bundles.stop())
  leadership.lead(true)
  const rotate = (next: string) => {
    root = next
    for (const onChange of followers) onChange()
  }
  await until(() => patches.length === 1)
  return { api, health, leadership, patches, rotate }
}

const refusal = new ApiFailure('PATCH', { status: 403, reason: 'Forbidden', message: 'no' })

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
  it('lack nothing any more when what refused them is gone', async (test) => {
    const { api, health, patches } = await startRig(test)
    patches[0]?.answer.reject(refusal)
    await until(() => health.items().length === 1)
    api.remove(plural, '/meshdns-validator-istio-system')
    await until(() => health.items().length === 0)
  })

  it('are somebody else’s concern when a refusal comes after the end of a lead', async (test) => {
    const { health, leadership, patches } = await startRig(test)
    leadership.lead(false)
    patches[0]?.answer.reject(refusal)
    await patches[0]?.answer.promise.catch(() => {})
    await new Promise(setImmediate)
    assert.deepEqual(health.items(), [])
  })
})
