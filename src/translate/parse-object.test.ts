import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { readDocuments } from '../documents/documents.ts'
import { formatFinding } from '../documents/finding.ts'
import { parseObject } from './parse-object.ts'

function parse(text: string) {
  const [document] = readDocuments(text, 'x.yaml').documents
  assert.ok(document)
  return parseObject(document, { defaultNamespace: 'default' })
}

interface Case {
  readonly name: string
  readonly text: string
  /** `SEVERITY CODE PATH LINE:COLUMN` of each finding. */
  readonly want: readonly string[]
}

const entry = (metadata: string) =>
  `apiVersion: networking.istio.io/v1\nkind: ServiceEntry\nmetadata: ${metadata}\nspec: { hosts: [a.test] }`
const workload = (spec: string) =>
  `apiVersion: networking.istio.io/v1\nkind: WorkloadEntry\nmetadata: { name: x }\nspec: ${spec}`
const group = (spec: string) =>
  `apiVersion: networking.istio.io/v1\nkind: WorkloadGroup\nmetadata: { name: x }\nspec: ${spec}`
const service = (spec: string) =>
  `apiVersion: v1\nkind: Service\nmetadata: { name: x }\nspec: ${spec}`
const slice = (rest: string) =>
  `apiVersion: discovery.k8s.io/v1\nkind: EndpointSlice\nmetadata: { name: x, labels: { kubernetes.io/service-name: y } }\n${rest}`

const cases: readonly Case[] = [
  { name: 'a text', text: 'hello', want: ['error NOT_AN_OBJECT  1:1'] },
  { name: 'a list', text: '- a\n- b', want: ['error NOT_AN_OBJECT  1:1'] },
  { name: 'a map without kind', text: 'a: 1', want: ['error NOT_AN_OBJECT  1:1'] },
  { name: 'a kind that is no text', text: '{ kind: [] }', want: ['error NOT_AN_OBJECT  1:1'] },
  {
    name: 'a kind of somebody else',
    text: 'apiVersion: apps/v1\nkind: Deployment',
    want: ['notice UNKNOWN_KIND kind 2:7'],
  },
  {
    name: 'a kind that has the name of one of ours',
    text: 'apiVersion: serving.knative.dev/v1\nkind: Service',
    want: ['notice UNKNOWN_KIND kind 2:7'],
  },
  {
    name: 'a version that does not exist',
    text: 'apiVersion: networking.istio.io/v2\nkind: ServiceEntry',
    want: ['error API_VERSION apiVersion 1:13'],
  },
  { name: 'no version', text: 'kind: Pod', want: ['error API_VERSION apiVersion 1:1'] },
  {
    name: 'a version that is no text',
    text: 'apiVersion: 1\nkind: Pod',
    want: ['error API_VERSION apiVersion 1:13'],
  },
  { name: 'no name', text: entry('{}'), want: ['error SCHEMA metadata.name 3:1'] },
  { name: 'no metadata', text: entry(''), want: ['error SCHEMA metadata.name 3:1'] },
  {
    name: 'a name that is none',
    text: entry('{ name: A_b }'),
    want: ['error METADATA metadata.name 3:19'],
  },
  {
    name: 'a namespace that is none',
    text: entry('{ name: a, namespace: a.b }'),
    want: ['error METADATA metadata.namespace 3:33'],
  },
  {
    name: 'a label that is no text',
    text: entry('{ name: a, labels: { version: 1 } }'),
    want: ['error SCHEMA metadata.labels.version 3:41'],
  },
  {
    name: 'a life time that is none: only a warning',
    text: entry("{ name: a, annotations: { meshdns.io/ttl: '5m' } }"),
    want: ['warning TTL metadata.annotations["meshdns.io/ttl"] 3:53'],
  },
  {
    name: 'a life time beyond what records can have',
    text: entry("{ name: a, annotations: { meshdns.io/ttl: '2147483648' } }"),
    want: ['warning TTL metadata.annotations["meshdns.io/ttl"] 3:53'],
  },
  { name: 'a workload by address', text: workload('{ address: 192.0.2.1 }'), want: [] },
  { name: 'a workload by name', text: workload('{ address: vm.test }'), want: [] },
  { name: 'a workload by socket', text: workload('{ address: unix:///run/a }'), want: [] },
  { name: 'a workload behind a gateway', text: workload('{ network: n1 }'), want: [] },
  {
    name: 'a workload without address',
    text: workload('{}'),
    want: ['error WORKLOAD_ENTRY spec.address 4:1'],
  },
  {
    name: 'a workload with mistakes',
    text: workload("{ address: a_b, ports: { 'a b': 1, c: 0 }, labels: { '': x }, adress: y }"),
    want: [
      'warning UNKNOWN_FIELD spec.adress 4:69',
      'error WORKLOAD_ENTRY spec.ports["a b"] 4:32',
      'error WORKLOAD_ENTRY spec.address 4:18',
      'error WORKLOAD_ENTRY spec.labels[""] 4:64',
      'error WORKLOAD_ENTRY spec.ports.c 4:45',
    ],
  },
  { name: 'a group without address', text: group('{ template: {} }'), want: [] },
  {
    name: 'a group whose template has a mistake',
    text: group('{ template: { address: a_b } }'),
    want: ['error WORKLOAD_GROUP spec.template.address 4:30'],
  },
  { name: 'a group without template', text: group('{}'), want: ['error SCHEMA spec.template 4:1'] },
  { name: 'a Service without ports', text: service('{ clusterIP: None }'), want: [] },
  {
    name: 'a Service with a bad address',
    text: service('{ clusterIP: 10.0.0.256 }'),
    want: ['error KUBERNETES_SERVICE spec.clusterIP 4:20'],
  },
  {
    name: 'a Service with a bad second address',
    text: service("{ clusterIP: 10.0.0.1, clusterIPs: [10.0.0.1, 'x'] }"),
    want: ['error KUBERNETES_SERVICE spec.clusterIPs[1] 4:53'],
  },
  {
    name: 'a Service with a bad port',
    text: service('{ ports: [{ port: 0 }] }'),
    want: ['error KUBERNETES_SERVICE spec.ports[0].port 4:25'],
  },
  {
    name: 'a Service of a type that does not exist',
    text: service('{ type: NodePrt }'),
    want: ['error SCHEMA spec.type 4:15'],
  },
  {
    name: 'a Service that is an alias of nothing',
    text: service('{ type: ExternalName }'),
    want: ['warning KUBERNETES_SERVICE spec.externalName 4:1'],
  },
  {
    name: 'a Service that is an alias of an address',
    text: service('{ type: ExternalName, externalName: 192.0.2.1 }'),
    want: ['warning KUBERNETES_SERVICE spec.externalName 4:43'],
  },
  {
    name: 'a Service for clients of the same node',
    text: service('{ clusterIP: 10.96.0.1, internalTrafficPolicy: Local }'),
    want: [],
  },
  {
    name: 'a Service for a distribution that Kubernetes may know one day',
    text: service('{ clusterIP: 10.96.0.1, trafficDistribution: PreferSunny }'),
    want: [],
  },
  {
    name: 'an entry for a distribution that Istio does not know',
    text: entry(
      '{ name: x, annotations: { networking.istio.io/traffic-distribution: PreferSunny } }',
    ),
    want: [
      'warning TRAFFIC_DISTRIBUTION metadata.annotations["networking.istio.io/traffic-distribution"] 3:79',
    ],
  },
  {
    name: 'a slice without Service',
    text: 'apiVersion: discovery.k8s.io/v1\nkind: EndpointSlice\nmetadata: { name: x }',
    want: ['warning NO_SERVICE metadata.labels 3:1'],
  },
  {
    name: 'a slice with a bad address',
    text: slice('endpoints: [{ addresses: [10.0.0.1, x] }]'),
    want: ['error ENDPOINT_SLICE endpoints[0].addresses[1] 4:37'],
  },
  {
    name: 'a slice with a bad port',
    text: slice('ports: [{ port: 65536 }]'),
    want: ['error LIMIT ports[0].port 4:17'],
  },
  {
    name: 'a pod whose status has another shape',
    text: 'apiVersion: v1\nkind: Pod\nmetadata: { name: x }\nstatus: { podIPs: 1 }',
    want: ['error SCHEMA status.podIPs 4:19'],
  },
]

describe('parseObject', () => {
  for (const { name, text, want } of cases) {
    it(`judges ${name}`, () => {
      const { object, findings } = parse(text)
      const got = findings.map(
        ({ severity, code, path, line, column }) => `${severity} ${code} ${path} ${line}:${column}`,
      )
      assert.deepEqual(got, want)
      const isRefused = want.some((text) => !text.startsWith('warning'))
      assert.equal(object === undefined, isRefused)
    })
  }

  for (const version of ['v1', 'v1beta1', 'v1alpha3']) {
    it(`takes a ServiceEntry of version ${version}`, () => {
      const text = entry('{ name: a }').replace('/v1', `/${version}`)
      assert.equal(parse(text).object?.kind, 'ServiceEntry')
    })
  }

  it('gives objects without namespace the default one', () => {
    assert.equal(parse(entry('{ name: a }')).object?.meta.namespace, 'default')
    assert.equal(parse(entry('{ name: a, namespace: ns1 }')).object?.meta.namespace, 'ns1')
  })

  it('reads time of creation and life time', () => {
    const text = entry(
      "{ name: a, creationTimestamp: '2024-01-01T00:00:00Z', annotations: { meshdns.io/ttl: '0' } }",
    )
    const { createdAt, ttlSeconds } = parse(text).object?.meta ?? {}
    assert.deepEqual({ createdAt, ttlSeconds }, { createdAt: 1_704_067_200_000, ttlSeconds: 0 })
  })

  it('takes a time that is none for no time', () => {
    assert.equal(parse(entry('{ name: a, creationTimestamp: soon }')).object?.meta.createdAt, 0)
  })

  it('names the values that a field may have', () => {
    const [finding] = parse(service('{ type: NodePrt }')).findings
    assert.equal(
      finding?.message,
      'must be one of ClusterIP, NodePort, LoadBalancer, ExternalName, not "NodePrt"',
    )
  })

  it('knows the object of a finding by kind, namespace and name', () => {
    const [finding] = parse(service('{ clusterIP: x }')).findings
    assert.deepEqual(finding?.object, { kind: 'Service', namespace: 'default', name: 'x' })
  })
})

describe('formatFinding', () => {
  it('says where, how bad, which object, what and what to do', () => {
    const [finding] = parse(entry('{ name: a }').replace('a.test', '"*"')).findings
    assert.ok(finding)
    assert.equal(
      formatFinding(finding),
      [
        'x.yaml:4:17: error[E4]: ServiceEntry default/a spec.hosts[0]: a host must not be "*"',
        '  hint: Name a domain, such as *.example.com.',
      ].join('\n'),
    )
  })

  it('leaves out what is not known', () => {
    const [finding] = readDocuments('', 'empty.yaml').findings
    assert.ok(finding)
    assert.equal(
      formatFinding(finding),
      'empty.yaml:1:1: warning[NO_OBJECTS]: the file holds no objects',
    )
  })
})
