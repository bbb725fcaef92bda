import assert from 'node:assert/strict'
import { after, before, describe, it, type TestContext } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import { type ApiWatch, ClusterClient } from '../../src/kubernetes/client/cluster-client.ts'
import { KubernetesSource } from '../../src/kubernetes/source/kubernetes-source.ts'
import { Reflector } from '../../src/kubernetes/watch/reflector.ts'
import type { ReflectorPorts } from '../../src/kubernetes/watch/reflector-options.ts'
import { eventually } from '../../src/testing/eventually.ts'
import { FakeClock } from '../../src/testing/fake-clock.ts'
import { hostname } from '../../src/testing/mesh.ts'
import { until } from '../../src/testing/until.ts'
import { clusterPorts } from './cluster-ports.ts'
import { clusterTestsSkip } from './programs.ts'
import { TestCluster } from './start-cluster.ts'

const skip = await clusterTestsSkip()
const translate = { clusterDomain: 'cluster.local', defaultExportTo: ['*'], autoAllocate: true }

function service(name: string, port = 80): string {
  return `apiVersion: v1
kind: Service
metadata: { name: ${name} }
spec: { ports: [{ name: http, port: ${port} }] }
`
}

function slice(service: string, addresses: readonly string[]): string {
  const endpoints = addresses.map((address) => ({ addresses: [address], nodeName: 'node-1' }))
  return `apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: { name: ${service}-1, labels: { kubernetes.io/service-name: ${service} } }
addressType: IPv4
ports: [{ name: http, port: 8080 }]
endpoints: ${JSON.stringify(endpoints)}
`
}

function addressesOf(source: KubernetesSource, host: string): string {
  const [first] = source.services().get(hostname(host)) ?? []
  return (first?.endpoints ?? [])
    .map(({ target }) => (target.kind === 'ip' ? target.address : ''))
    .join(' ')
}

/** Streams that can be ended, and kept from beginning again. */
function cuttable(ports: ReflectorPorts) {
  let gate = Promise.withResolvers<void>()
  gate.resolve()
  const cuts = new Set<() => void>()
  let resumesFrom = ''
  let waiting = 0
  const client: ReflectorPorts['client'] = {
    call: (call) => ports.client.call(call),
    async watch(watch: ApiWatch) {
      resumesFrom = String(watch.query['resourceVersion'])
      // A cut may come while the gate is still being passed.
      for (let passed = gate; ; passed = gate) {
        waiting += 1
        await passed.promise
        waiting -= 1
        if (passed === gate) break
      }
      const own = new AbortController()
      const cut = () => own.abort()
      cuts.add(cut)
      watch.signal.addEventListener('abort', cut)
      await ports.client.watch({ ...watch, signal: own.signal })
      watch.signal.removeEventListener('abort', cut)
      cuts.delete(cut)
    },
  }
  return {
    client,
    cut() {
      gate = Promise.withResolvers<void>()
      for (const cut of cuts) cut()
    },
    mend() {
      gate.resolve()
    },
    /** Whether the next stream would begin if it could. */
    isAtGate() {
      return waiting > 0
    },
    /** The version that the last stream began with. */
    resumesFrom() {
      return resumesFrom
    },
  }
}

/** Whether nobody can follow Services from that version on. */
async function isForgotten({ client }: ReflectorPorts, resourceVersion: string): Promise<boolean> {
  let code: unknown
  await client.watch({
    path: '/api/v1/services',
    query: { resourceVersion, timeoutSeconds: 1 },
    signal: AbortSignal.timeout(60_000),
    onEvent: (type, object) => {
      if (type === 'ERROR') code = object['code']
    },
  })
  return code === 410
}

describe('a cluster that is followed', { skip }, () => {
  let cluster: TestCluster

  before(async () => {
    // Services have no cache in the server, so that etcd's compaction meets those who follow them.
    const apiServer = ['--etcd-compaction-interval=1s', '--watch-cache-sizes=services#0']
    cluster = await TestCluster.start({ apiServer })
  })
  after(() => cluster?.[Symbol.asyncDispose]())

  async function follow(test: TestContext): Promise<KubernetesSource> {
    const source = await new KubernetesSource(translate, clusterPorts(cluster)).start()
    test.after(() => source.stop())
    return source
  }

  async function namespace(name: string): Promise<(text: string) => Promise<string>> {
    await cluster.must(['create', 'namespace', name])
    return (text) => cluster.must(['apply', '-n', name, '-f', '-'], text)
  }

  it('is followed with its services, endpoints and nodes', async (test) => {
    const apply = await namespace('shop')
    await apply(service('cart'))
    const source = await follow(test)
    const host = 'cart.shop.svc.cluster.local'
    const [first] = source.services().get(hostname(host)) ?? []
    assert.equal(first?.addresses.length, 1)
    await apply(slice('cart', ['10.1.0.1', '10.1.0.2']))
    await eventually(async () => addressesOf(source, host) === '10.1.0.1 10.1.0.2')
    await apply(slice('cart', ['10.1.0.3']))
    await eventually(async () => addressesOf(source, host) === '10.1.0.3')
    await cluster.must(
      ['apply', '-f', '-'],
      `apiVersion: v1
kind: Node
metadata: { name: node-1, labels: { topology.kubernetes.io/region: eu, topology.kubernetes.io/zone: eu-1 } }
`,
    )
    await eventually(
      async () => source.services().get(hostname(host))?.[0]?.endpoints[0]?.locality === 'eu/eu-1',
    )
    await cluster.must(['delete', 'namespace', 'shop', '--wait=false'])
    await cluster.must(['delete', 'service', 'cart', '-n', 'shop'])
    await eventually(async () => !source.services().has(hostname(host)))
    assert.deepEqual(source.findings(), [])
  })

  it('picks up kinds that appear while it is followed', async (test) => {
    const source = await follow(test)
    assert.equal(source.states().get('serviceimports.multicluster.x-k8s.io'), 'missing')
    await cluster.must(
      ['apply', '-f', '-'],
      `apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata:
  name: serviceimports.multicluster.x-k8s.io
  annotations: { api-approved.kubernetes.io: unapproved }
spec:
  group: multicluster.x-k8s.io
  scope: Namespaced
  names: { plural: serviceimports, singular: serviceimport, kind: ServiceImport }
  versions:
    - name: v1alpha1
      served: true
      storage: true
      schema: { openAPIV3Schema: { type: object, x-kubernetes-preserve-unknown-fields: true } }
`,
    )
    await cluster.must([
      'wait',
      '--for=condition=Established',
      '--timeout=120s',
      'crd/serviceimports.multicluster.x-k8s.io',
    ])
    const apply = await namespace('imports')
    await eventually(
      async () => source.states().get('serviceimports.multicluster.x-k8s.io') === 'synced',
    )
    await apply(`apiVersion: multicluster.x-k8s.io/v1alpha1
kind: ServiceImport
metadata: { name: cart }
spec: { ips: [10.97.0.1] }
`)
    await eventually(async () =>
      source.services().has(hostname('cart.imports.svc.clusterset.local')),
    )
  })

  it('is told in differences after etcd forgot where we were', async (test) => {
    const apply = await namespace('history')
    await apply([service('a'), service('b'), service('c')].join('---\n'))
    const ports = clusterPorts(cluster)
    const streams = cuttable(ports)
    const kind = { group: '', versions: ['v1'], plural: 'services' } as const
    const reflector = new Reflector(
      {
        kind,
        namespace: 'history',
        project: ({ metadata }) => metadata as { readonly name: string },
      },
      { ...ports, client: streams.client },
    )
    test.after(() => reflector.stop())
    await reflector.start()
    const changes: string[] = []
    reflector.follow(({ put, gone }) => {
      changes.push(
        [...put.map(({ name }) => `+${name}`), ...gone.map(({ name }) => `-${name}`)].join(' '),
      )
    })
    streams.cut()
    await until(() => streams.isAtGate())
    await apply([service('b', 81), service('d')].join('---\n'))
    await cluster.must(['delete', 'service', 'a', '-n', 'history'])
    await eventually(() => isForgotten(ports, streams.resumesFrom()))
    streams.mend()
    await eventually(async () => changes.length > 0)
    assert.deepEqual(changes, ['+b +d -a'])
  })

  it('is followed on when its API server comes back', async (test) => {
    const apply = await namespace('again')
    await apply(service('cart'))
    const ports = clusterPorts(cluster)
    const source = await new KubernetesSource(translate, ports).start()
    test.after(() => source.stop())
    const before = new Map(source.services())
    await cluster.stop('kube-apiserver')
    await eventually(async () => ports.health.items().length > 0)
    assert.deepEqual(new Map(source.services()), before)
    cluster.again('kube-apiserver')
    await cluster.ready()
    await apply(slice('cart', ['10.1.0.1']))
    await eventually(async () => addressesOf(source, 'cart.again.svc.cluster.local') === '10.1.0.1')
    await eventually(async () => ports.health.items().length === 0)
  })

  it('says which rule is missing, and goes on when it is there', async (test) => {
    const ports = clusterPorts(cluster)
    const { access } = ports.client
    const clock = new FakeClock()
    const client = new ClusterClient({
      ...access,
      async authorize() {
        const { headers, dispatcher } = await access.authorize()
        return { headers: { ...headers, 'impersonate-user': 'stranger' }, dispatcher }
      },
    })
    const kind = { group: 'discovery.k8s.io', versions: ['v1'], plural: 'endpointslices' } as const
    const reflector = new Reflector({ kind, project: (raw) => raw }, { ...ports, client, clock })
    test.after(() => reflector.stop())
    await reflector.start()
    assert.equal(reflector.state, 'forbidden')
    const [item] = ports.health.items()
    const rule =
      'apiGroups: ["discovery.k8s.io"], resources: ["endpointslices"], verbs: ["list", "watch"]'
    assert.equal(item?.detail, rule)
    await cluster.must(
      ['apply', '-f', '-'],
      `apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: { name: stranger }
rules: [{ ${rule} }]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: { name: stranger }
roleRef: { apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: stranger }
subjects: [{ kind: User, name: stranger }]
`,
    )
    await eventually(async () => {
      clock.advance(60_000)
      await setTimeout(100)
      return reflector.state === 'synced'
    })
    assert.deepEqual(ports.health.items(), [])
  })
})
