import assert from 'node:assert/strict'
import { describe, it, type TestContext } from 'node:test'
import type { PlainMap } from '../../documents/plain-map.ts'
import { injectPod } from '../../inject/inject-pod.ts'
import { FakeClusterApi } from '../../testing/fake-cluster-api.ts'
import { readClusterInjection } from '../read-injection-mesh.ts'
import { findPod } from './find-pod.ts'
import { formatPodConfig } from './format-pod-config.ts'
import { readPodConfig } from './read-pod-config.ts'

const kinds = [
  { group: '', version: 'v1', plural: 'pods', kind: 'Pod' },
  { group: '', version: 'v1', plural: 'namespaces', kind: 'Namespace' },
  { group: '', version: 'v1', plural: 'configmaps', kind: 'ConfigMap' },
  { group: 'apps', version: 'v1', plural: 'deployments', kind: 'Deployment' },
]

const mesh = 'defaultConfig:\n  proxyMetadata:\n    ISTIO_META_DNS_CAPTURE: "true"\n    OLD: "1"\n'
const labels = { app: 'cart' }
const spec = { nodeName: 'node-1', containers: [{ name: 'app', image: 'app' }] }

/** A cluster with a control plane, and the namespace `shop` that asks for injection. */
async function start(test: TestContext) {
  const api = await FakeClusterApi.start(test, kinds)
  const istio = { name: 'istio', namespace: 'istio-system' }
  const say = (text: string) => api.put('configmaps', { metadata: istio, data: { mesh: text } })
  say(mesh)
  for (const [name, label] of Object.entries({
    shop: { 'istio-injection': 'enabled' },
    plain: {},
    ambient: { 'istio.io/dataplane-mode': 'ambient' },
  })) {
    api.put('namespaces', { metadata: { name, labels: label } })
  }
  const put = (namespace: string, more: PlainMap = {}, pod: PlainMap = {}) => {
    const metadata = { name: 'cart-1', namespace, uid: 'u', labels, ...more }
    api.put('pods', { metadata, spec, ...pod })
  }
  const read = async (text: string) => {
    const found = await findPod(api.client, text, 'shop')
    assert.ok(found)
    return readPodConfig(api.client, found, 'istio-system')
  }
  return { api, put, say, read }
}

/** As the webhook makes it. */
async function putInjected({ api, put }: Awaited<ReturnType<typeof start>>, annotations = {}) {
  const place = { namespace: 'istio-system', revision: '' }
  const pod = { metadata: { name: 'cart-1', namespace: 'shop', labels, annotations }, spec }
  const outcome = injectPod({
    pod,
    namespace: 'shop',
    mesh: await readClusterInjection(api.client, place),
  })
  assert.ok(outcome.kind === 'injected')
  put('shop', outcome.pod['metadata'] as PlainMap, { spec: outcome.pod['spec'] })
}

describe('the configuration of a pod', () => {
  it('is what the mesh says, and what injection wrote, with the place of each', async (test) => {
    const cluster = await start(test)
    await putInjected(cluster, { 'proxy.istio.io/config': 'proxyMetadata: { OWN: "2" }' })
    const { settings, injected, agent } = await cluster.read('cart-1')
    const own = settings.find(({ setting }) => setting === 'proxyMetadata.OWN')
    assert.deepEqual(own?.from, {
      level: 'annotation',
      file: 'Pod shop/cart-1 proxy.istio.io/config',
      line: 1,
      column: 23,
    })
    const find = (name: string) => injected.find(({ variable }) => variable === name)
    assert.deepEqual(find('ISTIO_META_DNS_CAPTURE'), {
      variable: 'ISTIO_META_DNS_CAPTURE',
      value: 'true',
      from: 'ConfigMap istio-system/istio:3:29 (mesh)',
    })
    assert.equal(find('OWN')?.from, 'Pod shop/cart-1 proxy.istio.io/config:1:23 (annotation)')
    assert.equal(find('INSTANCE_IP')?.value, '{status.podIP}')
    assert.equal(find('INSTANCE_IP')?.from, 'pod')
    assert.equal(find('ISTIO_META_CLUSTER_ID')?.from, 'injection')
    assert.equal(
      injected.find(({ now }) => now !== undefined),
      undefined,
    )
    assert.ok('unreachable' in agent)
  })

  it('tells what a pod that is made now would have', async (test) => {
    const cluster = await start(test)
    await putInjected(cluster)
    cluster.say(mesh.replace('"true"', '"false"').replace('OLD: "1"', 'NEW: "3"'))
    const config = await cluster.read('cart-1.shop')
    const now = config.injected.filter(
      ({ variable, now: wanted }) => wanted !== undefined && !variable.startsWith('MESHDNS_'),
    )
    assert.deepEqual(
      now.map(({ variable, value, now: wanted }) => [variable, value, wanted]),
      [
        ['ISTIO_META_DNS_CAPTURE', 'true', 'false'],
        ['NEW', undefined, '3'],
        ['OLD', '1', null],
      ],
    )
    const text = formatPodConfig(config, false)
    assert.match(text, /^OLD +"1" +injection +gone$/m)
    assert.match(text, /^NEW +- +ConfigMap istio-system\/istio:4:10 \(mesh\) +"3"$/m)
    assert.match(text, /^What stands under NOW holds when the pod is made anew\.$/m)
    assert.match(text, /^Its agent cannot be asked: /m)
  })

  it('is up to the node agent, where none is in it', async (test) => {
    const { put, read } = await start(test)
    put('istio-system', { name: 'meshdns-node-x', labels: { app: 'meshdns-node' } })
    put('ambient')
    const config = await read('cart-1.ambient')
    assert.deepEqual(config.nodeAgent, { pod: 'istio-system/meshdns-node-x' })
    const said =
      /^The pod is up to the node agent, istio-system\/meshdns-node-x\n\nIts agent cannot be asked: /
    assert.match(formatPodConfig(config, false), said)
  })
})

interface Case {
  readonly name: string
  readonly namespace: string
  readonly metadata?: PlainMap
  readonly want: RegExp
}

const cases: readonly Case[] = [
  {
    name: 'nobody asks for one',
    namespace: 'plain',
    want: /pod plain\/cart-1 has no agent: neither it nor its namespace asks for it$/,
  },
  {
    name: 'it says no itself',
    namespace: 'shop',
    metadata: { labels: { 'sidecar.istio.io/inject': 'false' } },
    want: /has no agent: sidecar\.istio\.io\/inject says so$/,
  },
  {
    name: 'it was made before',
    namespace: 'shop',
    want: /has no agent: it was made before anybody asked for one/,
  },
  {
    name: 'it is of the control plane',
    namespace: 'istio-system',
    want: /has no agent: pods of the control plane never get one$/,
  },
  {
    name: 'its sidecar is of somebody else',
    namespace: 'shop',
    metadata: { annotations: { 'sidecar.istio.io/status': '{"revision":"default"}' } },
    want: /has no agent: its sidecar is of somebody else$/,
  },
  {
    name: 'its node has none that is to serve it',
    namespace: 'ambient',
    want: /has no agent: the node agent of node-1 is to serve it, and there is none$/,
  },
]

describe('a pod without an agent is said to be one, where', () => {
  for (const { name, namespace, metadata, want } of cases) {
    it(name, async (test) => {
      const { put, read } = await start(test)
      put(namespace, metadata)
      await assert.rejects(read(`cart-1.${namespace}`), want)
    })
  }

  it('there is no control plane', async (test) => {
    const { api, put, read } = await start(test)
    api.remove('configmaps', 'istio-system/istio')
    put('shop')
    await assert.rejects(
      read('cart-1'),
      /: there is no ConfigMap istio-system\/istio, and so no control plane$/,
    )
  })
})

describe('a pod is found', () => {
  for (const [text, want] of Object.entries({
    'cart-1': 'shop/cart-1',
    'cart-1.plain': 'plain/cart-1',
    'pod/cart-1': 'shop/cart-1',
    'cart.v1': 'shop/cart.v1',
    'deploy/cart': 'shop/cart-1',
    'deployments/cart.shop': 'shop/cart-1',
  })) {
    it(`by ${text}`, async (test) => {
      const { api, put } = await start(test)
      for (const namespace of ['shop', 'plain']) put(namespace)
      put('shop', { name: 'cart.v1', labels: {} })
      const metadata = { name: 'cart', namespace: 'shop' }
      api.put('deployments', { metadata, spec: { selector: { matchLabels: labels } } })
      const found = await findPod(api.client, text, 'shop')
      assert.equal(found && `${found.namespace}/${found.name}`, want)
    })
  }

  it('or not', async (test) => {
    const { api } = await start(test)
    assert.equal(await findPod(api.client, 'none.plain', 'shop'), undefined)
    for (const text of ['deploy/none', 'service/cart']) {
      await assert.rejects(
        findPod(api.client, text, 'shop'),
        /there is no pod of .* in the namespace shop$/,
      )
    }
  })
})
