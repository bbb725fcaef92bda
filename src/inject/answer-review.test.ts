import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { PlainMap } from '../documents/plain-map.ts'
import { bareInjectionMesh } from '../testing/bare-injection-mesh.ts'
import { answerInjection, type InjectionPorts } from './answer-review.ts'

const ports: InjectionPorts = {
  mesh: () => bareInjectionMesh(),
  namespaceLabels: (name) =>
    ({ shop: new Map([['istio-injection', 'enabled']]), other: new Map<string, string>() })[name],
}

function podOf(annotations: PlainMap = {}): PlainMap {
  return { metadata: { name: 'cart', annotations }, spec: { containers: [{ name: 'app' }] } }
}

function requestOf(more: PlainMap = {}): PlainMap {
  return {
    kind: { group: '', version: 'v1', kind: 'Pod' },
    operation: 'CREATE',
    namespace: 'shop',
    object: podOf(),
    ...more,
  }
}

interface Case {
  readonly name: string
  readonly request: PlainMap
  /** Paths of the patch; empty when the pod stays as it came. */
  readonly paths: readonly string[]
}

const injected = [
  '/metadata/annotations/sidecar.istio.io~1status',
  '/spec/initContainers',
  '/spec/volumes',
]

const cases: readonly Case[] = [
  { name: 'a pod of a namespace that asks for it', request: requestOf(), paths: injected },
  {
    name: 'a pod of a namespace that nobody knows yet',
    request: requestOf({ namespace: 'new' }),
    paths: injected,
  },
  {
    name: 'a pod of a namespace that does not ask for it',
    request: requestOf({ namespace: 'other' }),
    paths: [],
  },
  { name: 'a change of a pod', request: requestOf({ operation: 'UPDATE' }), paths: [] },
  {
    name: 'an ephemeral container',
    request: requestOf({ subResource: 'ephemeralcontainers' }),
    paths: [],
  },
  { name: 'something else', request: requestOf({ kind: { kind: 'Service' } }), paths: [] },
  { name: 'nothing at all', request: {}, paths: [] },
]

describe('answerInjection lets through', () => {
  for (const { name, request, paths } of cases) {
    it(name, () => {
      const { allowed, patch = [] } = answerInjection(request, ports)
      assert.equal(allowed, true)
      assert.deepEqual(
        patch.map(({ path }) => path),
        paths,
      )
    })
  }

  for (const object of [
    null,
    'pod',
    [],
    { spec: [] },
    { spec: { containers: 'x', initContainers: [null, 3], volumes: {} } },
    { metadata: { annotations: 4, labels: ['a'], ownerReferences: [null] }, spec: {} },
    { metadata: { annotations: { 'sidecar.istio.io/status': '{"injector":"meshdns"' } } },
    { metadata: { annotations: { 'sidecar.istio.io/status': '{"injector":"meshdns"}' } } },
    { metadata: { annotations: { 'proxy.istio.io/overrides': '[' } } },
  ]) {
    it(`${JSON.stringify(object)}, and leaves it to the API server`, () => {
      assert.equal(answerInjection(requestOf({ object }), ports).allowed, true)
    })
  }
})

describe('answerInjection', () => {
  it('refuses a pod whose annotation makes no sense, and says where', () => {
    const object = podOf({ 'proxy.istio.io/config': 'proxyMetadata:\n  A: 1\n' })
    const { allowed, message, patch } = answerInjection(requestOf({ object }), ports)
    assert.deepEqual([allowed, patch], [false, undefined])
    assert.match(
      message ?? '',
      /^meshdns cannot inject pod shop\/cart: annotation proxy\.istio\.io\/config:2:6: .*Put it in quotes/s,
    )
  })

  it('names what makes a pod that has no name yet, and says what belongs into the annotation', () => {
    const controller = {
      apiVersion: 'apps/v1',
      kind: 'ReplicaSet',
      name: 'cart-5d',
      controller: true,
    }
    const metadata = {
      generateName: 'cart-5d-',
      labels: { 'pod-template-hash': '5d' },
      annotations: { 'proxy.istio.io/config': 'concurrency: 1\nproxyMetadata: {' },
      ownerReferences: [controller],
    }
    const { message } = answerInjection(requestOf({ object: { ...podOf(), metadata } }), ports)
    assert.match(
      message ?? '',
      /a pod of Deployment shop\/cart: annotation proxy\.istio\.io\/config:2:\d+: error\[YAML_SYNTAX\]: .*\n {2}hint: Mend this text: it is a ProxyConfig/,
    )
  })

  it('warns of what works otherwise than it seems', () => {
    const object = podOf({ 'traffic.sidecar.istio.io/includeInboundPorts': '80' })
    const { warnings } = answerInjection(requestOf({ object }), ports)
    assert.equal(warnings?.length, 1)
    assert.match(warnings[0] ?? '', /includeInboundPorts has no effect/)
  })
})
