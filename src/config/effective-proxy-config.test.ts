import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { readDocuments } from '../documents/documents.ts'
import { formatPath } from '../documents/path.ts'
import { effectiveProxyConfig } from './effective-proxy-config.ts'
import { valueAt } from './layer.ts'
import { readProxyAnnotation } from './proxy-annotation.ts'
import { layerOfProxyResource, type ProxyResource } from './proxy-resource.ts'
import { readMeshConfig } from './read-mesh-config.ts'

/** An object that says `concurrency`, and its own name as variable `WHO`. */
interface Resource {
  readonly in: string
  readonly name: string
  /** Its number of threads. */
  readonly says: number
  readonly selects?: Readonly<Record<string, string>>
  readonly createdAt?: number
}

interface Case {
  readonly name: string
  /** Number of threads of the mesh. */
  readonly mesh?: number
  readonly resources?: readonly Resource[]
  readonly annotation?: number
  readonly namespace?: string
  /** LEVEL=VALUE of the number of threads, then those that it beat. */
  readonly want: string
}

const root: Resource = { in: 'istio-system', name: 'root', says: 3 }
const own: Resource = { in: 'shop', name: 'own', says: 4 }
const selecting: Resource = { in: 'shop', name: 'some', says: 6, selects: { app: 'till' } }

const cases: readonly Case[] = [
  { name: 'nothing when nobody said anything', want: '' },
  { name: 'the mesh', mesh: 2, want: 'mesh=2' },
  {
    name: 'the root namespace over the mesh',
    mesh: 2,
    resources: [root],
    want: 'ProxyConfig istio-system/root=3 < mesh=2',
  },
  {
    name: 'the namespace over the root namespace',
    resources: [own, root],
    want: 'ProxyConfig shop/own=4 < ProxyConfig istio-system/root=3',
  },
  {
    name: 'the annotation over the namespace',
    resources: [own],
    annotation: 5,
    want: 'annotation=5 < ProxyConfig shop/own=4',
  },
  {
    name: 'a selector over everything',
    mesh: 2,
    resources: [selecting, own, root],
    annotation: 5,
    want: 'ProxyConfig shop/some=6 < annotation=5 < ProxyConfig shop/own=4 < ProxyConfig istio-system/root=3 < mesh=2',
  },
  {
    name: 'no selector that selects others',
    mesh: 2,
    resources: [{ ...selecting, selects: { app: 'till', tier: 'back' } }],
    want: 'mesh=2',
  },
  {
    name: 'no selector of another namespace',
    resources: [{ ...selecting, in: 'other' }],
    want: '',
  },
  {
    name: 'no selector of the root namespace',
    resources: [{ ...selecting, in: 'istio-system' }],
    want: '',
  },
  { name: 'no object of another namespace', resources: [{ ...own, in: 'other' }], want: '' },
  {
    name: 'no object with an empty selector, at any level',
    resources: [
      { ...own, selects: {} },
      { ...root, selects: {} },
    ],
    want: '',
  },
  {
    name: 'the root namespace once for its own workloads',
    namespace: 'istio-system',
    resources: [root],
    want: 'ProxyConfig istio-system/root=3',
  },
  {
    name: 'a selector in the root namespace for its own workloads',
    namespace: 'istio-system',
    resources: [{ ...selecting, in: 'istio-system' }, root],
    want: 'ProxyConfig istio-system/some=6 < ProxyConfig istio-system/root=3',
  },
  {
    name: 'the oldest of a level',
    resources: [
      { ...own, name: 'a', says: 1, createdAt: 30 },
      { ...own, name: 'b', says: 2, createdAt: 10 },
      { ...own, name: 'c', says: 3, createdAt: 20 },
    ],
    want: 'ProxyConfig shop/b=2',
  },
  {
    name: 'the first by name when all are of the same age',
    resources: [
      { ...selecting, name: 'b', says: 2 },
      { ...selecting, name: 'a', says: 1 },
    ],
    want: 'ProxyConfig shop/a=1',
  },
]

function resourceOf({
  in: namespace,
  name,
  says,
  selects,
  createdAt = 0,
}: Resource): ProxyResource {
  const spec = { concurrency: says, environmentVariables: { WHO: name, [`BY_${name}`]: '1' } }
  const [document] = readDocuments(JSON.stringify({ spec }), `${name}.yaml`).documents
  assert.ok(document)
  const layer = layerOfProxyResource(
    `ProxyConfig ${namespace}/${name}`,
    valueAt(document.value, ['spec']),
    document,
  )
  const selector = selects && new Map(Object.entries(selects))
  return { namespace, name, createdAt, layer, ...(selector ? { selector } : {}) }
}

function annotationOf(text: string) {
  const object = { metadata: { annotations: { 'proxy.istio.io/config': text } } }
  const [document] = readDocuments(JSON.stringify(object), 'pod.yaml').documents
  assert.ok(document)
  return readProxyAnnotation(document, ['metadata', 'annotations']).layer ?? []
}

function effective(given: Omit<Case, 'name' | 'want'>) {
  const { mesh: threads, resources = [], annotation, namespace = 'shop' } = given
  const text = threads === undefined ? '' : `defaultConfig: { concurrency: ${threads} }`
  const { mesh } = readMeshConfig(text, 'mesh.yaml')
  assert.ok(mesh)
  return effectiveProxyConfig(mesh, resources.map(resourceOf), {
    namespace,
    labels: new Map([['app', 'till']]),
    annotations:
      annotation === undefined ? [] : [annotationOf(`concurrency: ${annotation}`)].flat(),
  })
}

describe('effectiveProxyConfig takes', () => {
  for (const { name, want, ...given } of cases) {
    it(name, () => {
      const { config, settings } = effective(given)
      const found = settings.list.find(({ path }) => formatPath(path) === 'concurrency')
      const all = found ? [found, ...found.beat] : []
      const levels = all.map(({ value, origin }) => `${origin.layer.level}=${String(value)}`)
      assert.equal(levels.join(' < '), want)
      assert.equal(config.concurrency, found?.value)
    })
  }

  it('proxyMetadata key by key', () => {
    const { config } = effective({ resources: [root, own, selecting] })
    assert.deepEqual(Object.fromEntries(config.proxyMetadata), {
      WHO: 'some',
      BY_root: '1',
      BY_own: '1',
      BY_some: '1',
    })
  })

  it('a probe whole, so that two methods never meet', () => {
    const { mesh } = readMeshConfig(
      'defaultConfig: { readinessProbe: { httpGet: { port: 1 } } }',
      'mesh.yaml',
    )
    assert.ok(mesh)
    const { config } = effectiveProxyConfig(mesh, [], {
      namespace: 'shop',
      labels: new Map(),
      annotations: [annotationOf('readinessProbe: { tcpSocket: { port: 2 } }')].flat(),
    })
    assert.deepEqual(config.readinessProbe?.method, { kind: 'tcp', host: '', port: 2 })
  })
})
