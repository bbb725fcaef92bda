import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { applyDefinitions } from './cluster-ports.ts'
import { clusterTestsSkip } from './programs.ts'
import { TestCluster } from './start-cluster.ts'

const skip = await clusterTestsSkip()

type Kind = 'ServiceEntry' | 'WorkloadEntry' | 'WorkloadGroup' | 'Sidecar' | 'ProxyConfig'

interface Case {
  readonly name: string
  readonly kind: Kind
  readonly spec: unknown
  /** What the API server says; taken when nothing stands here. */
  readonly refused?: RegExp
  readonly version?: string
}

const hosts = ['auto.internal']
const endpoints = [{ address: '198.51.100.2' }]
const http = { name: 'http', number: 80, protocol: 'HTTP' }
const entry = (spec: object) => ({ kind: 'ServiceEntry' as const, spec: { hosts, ...spec } })
const workload = (spec: unknown) => ({ kind: 'WorkloadEntry' as const, spec })
const group = (spec: unknown) => ({ kind: 'WorkloadGroup' as const, spec })

const cases: readonly Case[] = [
  { name: 'hosts alone', ...entry({}) },
  { name: 'an older version', version: 'v1alpha3', ...entry({ ports: [http] }) },
  { name: 'no host', ...entry({ hosts: [] }), refused: /spec\.hosts.*at least 1/ },
  { name: 'no hosts', kind: 'ServiceEntry', spec: {}, refused: /spec\.hosts: Required/ },
  { name: 'no spec', kind: 'ServiceEntry', spec: undefined, refused: /spec: Required/ },
  { name: 'every host', ...entry({ hosts: ['*'] }), refused: /a host must not be just \*/ },
  { name: 'hosts of a domain', ...entry({ hosts: ['*.internal'] }) },
  {
    name: 'more than 256 hosts',
    ...entry({ hosts: Array.from({ length: 257 }, (_, index) => `h${index}.internal`) }),
    refused: /at most 256 items/,
  },
  {
    name: 'a long address',
    ...entry({ addresses: ['1'.repeat(65)] }),
    refused: /may not be more than 64/,
  },
  {
    name: 'a port number twice',
    ...entry({ ports: [http, { ...http, name: 'again' }] }),
    refused: /two ports must not have the same number/,
  },
  {
    name: 'a port name twice',
    ...entry({ ports: [http, { ...http, number: 81 }] }),
    refused: /Duplicate value/,
  },
  {
    name: 'port 0',
    ...entry({ ports: [{ ...http, number: 0 }] }),
    refused: /greater than or equal to 1/,
  },
  {
    name: 'port 65536',
    ...entry({ ports: [{ ...http, number: 65_536 }] }),
    refused: /less than or equal to 65535/,
  },
  {
    name: 'target port 65536',
    ...entry({ ports: [{ ...http, targetPort: 65_536 }] }),
    refused: /less than or equal to 65535/,
  },
  { name: 'target port 0', ...entry({ ports: [{ ...http, targetPort: 0 }] }) },
  {
    name: 'a port without a name',
    ...entry({ ports: [{ number: 80 }] }),
    refused: /name: Required/,
  },
  {
    name: 'an unknown resolution',
    ...entry({ resolution: 'STATICAL' }),
    refused: /supported values: "NONE", "STATIC", "DNS", "DNS_ROUND_ROBIN", "DYNAMIC_DNS"/,
  },
  {
    name: 'an unknown location',
    ...entry({ location: 'MESH' }),
    refused: /"MESH_EXTERNAL", "MESH_INTERNAL"/,
  },
  {
    name: 'endpoints beside a selector',
    ...entry({ resolution: 'STATIC', endpoints, workloadSelector: { labels: { app: 'a' } } }),
    refused: /only one of endpoints and workloadSelector/,
  },
  { name: 'a selector', ...entry({ workloadSelector: { labels: { app: 'a' } } }) },
  {
    name: 'a wildcard in a selector',
    ...entry({ workloadSelector: { labels: { app: 'a*' } } }),
    refused: /must not contain \*/,
  },
  {
    name: 'a long label in a selector',
    ...entry({ workloadSelector: { labels: { app: 'a'.repeat(64) } } }),
    refused: /may not be more than 63/,
  },
  {
    name: 'a prefix with DNS',
    ...entry({ addresses: ['198.51.100.0/24'], resolution: 'DNS' }),
    refused: /needs resolution NONE or STATIC/,
  },
  {
    name: 'a prefix with STATIC',
    ...entry({ addresses: ['198.51.100.0/24'], resolution: 'STATIC' }),
  },
  { name: 'a prefix with no resolution', ...entry({ addresses: ['2001:db8::/32'] }) },
  {
    name: 'endpoints with no resolution',
    ...entry({ endpoints }),
    refused: /with resolution NONE there must be no endpoints/,
  },
  {
    name: 'two endpoints in turn',
    ...entry({
      resolution: 'DNS_ROUND_ROBIN',
      endpoints: [...endpoints, { address: 'b.example' }],
    }),
    refused: /one endpoint at most/,
  },
  { name: 'one endpoint in turn', ...entry({ resolution: 'DNS_ROUND_ROBIN', endpoints }) },
  {
    name: 'a socket in an endpoint',
    ...entry({ resolution: 'STATIC', endpoints: [{ address: 'unix:///run/a' }] }),
  },
  {
    name: 'a socket that is a folder, in an endpoint',
    ...entry({ resolution: 'STATIC', endpoints: [{ address: 'unix:///run/' }] }),
    refused: /must not end with \//,
  },
  {
    name: 'a socket with ports, in an endpoint',
    ...entry({
      resolution: 'STATIC',
      endpoints: [{ address: 'unix:///run/a', ports: { http: 80 } }],
    }),
    refused: /a unix socket must not have ports/,
  },
  { name: 'a machine', ...workload({ address: '2001:db8::1', ports: { http: 8080 }, weight: 3 }) },
  { name: 'a network alone', ...workload({ network: 'vm' }) },
  { name: 'nowhere', ...workload({ labels: { app: 'a' } }), refused: /must have an address/ },
  { name: 'an abstract socket', ...workload({ address: 'unix://@abstract' }) },
  {
    name: 'a socket with a path that is not absolute',
    ...workload({ address: 'unix://run/a' }),
    refused: /must be absolute/,
  },
  {
    name: 'a socket without a path',
    ...workload({ address: 'unix://' }),
    refused: /must be absolute/,
  },
  {
    name: 'a port name with a dot',
    ...workload({ address: '192.0.2.1', ports: { 'a.b': 80 } }),
    refused: /the name of a port must be letters/,
  },
  {
    name: 'a port of a workload above all',
    ...workload({ address: '192.0.2.1', ports: { http: 65_536 } }),
    refused: /less than or equal to 65535/,
  },
  {
    name: 'an account with a long name',
    ...workload({ address: '192.0.2.1', serviceAccount: 'a'.repeat(254) }),
    refused: /may not be more than 253/,
  },
  { name: 'a group', ...group({ template: {}, probe: { httpGet: { port: 80 } } }) },
  { name: 'a group without a template', ...group({}), refused: /spec\.template: Required/ },
  {
    name: 'a group whose sockets have ports',
    ...group({ template: { address: 'unix:///run/a', ports: { a: 1 } } }),
    refused: /a unix socket must not have ports/,
  },
  {
    name: 'two probes',
    ...group({ template: {}, probe: { httpGet: { port: 80 }, tcpSocket: { port: 80 } } }),
    refused: /a probe must not have two methods/,
  },
  {
    name: 'a probe without its port',
    ...group({ template: {}, probe: { tcpSocket: {} } }),
    refused: /port: Required/,
  },
  {
    name: 'a negative time',
    ...group({ template: {}, probe: { periodSeconds: -1 } }),
    refused: /greater than or equal to 0/,
  },
  {
    name: 'what workloads see',
    kind: 'Sidecar',
    spec: { egress: [{ hosts: ['./*'] }], outboundTrafficPolicy: { mode: 'REGISTRY_ONLY' } },
  },
  {
    name: 'an unknown mode',
    kind: 'Sidecar',
    spec: { outboundTrafficPolicy: { mode: 'NOTHING' } },
    refused: /"REGISTRY_ONLY", "ALLOW_ANY"/,
  },
  {
    name: 'a sidecar without hosts',
    kind: 'Sidecar',
    spec: { egress: [{}] },
    refused: /hosts: Required/,
  },
  {
    name: 'what is switched on',
    kind: 'ProxyConfig',
    version: 'v1beta1',
    spec: {
      selector: { matchLabels: { app: 'a' } },
      environmentVariables: { ISTIO_META_DNS_CAPTURE: 'true' },
    },
  },
  {
    name: 'a variable that is no text',
    kind: 'ProxyConfig',
    version: 'v1beta1',
    spec: { environmentVariables: { ISTIO_META_DNS_CAPTURE: true } },
    refused: /must be of type string/,
  },
]

describe('our definitions, at a real API server', { skip }, () => {
  let cluster: TestCluster

  before(async () => {
    cluster = await TestCluster.start()
    await applyDefinitions(cluster)
  })

  after(() => cluster?.[Symbol.asyncDispose]())

  for (const [index, { name, kind, spec, refused, version = 'v1' }] of cases.entries()) {
    it(`${refused ? 'refuse' : 'take'} ${name} (${kind})`, async () => {
      const apiVersion = `networking.istio.io/${version}`
      const object = { apiVersion, kind, metadata: { name: `case-${index}` }, spec }
      const words = ['create', '--dry-run=server', '--validate=false', '-f', '-']
      const { code, stderr } = await cluster.kubectl(words, JSON.stringify(object))
      if (refused) assert.match(stderr, refused)
      else assert.equal(code, 0, stderr)
    })
  }

  it('name all structures: none is said to be faulty', async () => {
    const path = "jsonpath={.items[*].status.conditions[?(@.type=='NonStructuralSchema')].message}"
    assert.equal(await cluster.must(['get', 'customresourcedefinitions', '-o', path]), '')
  })

  it('show hosts, location, resolution and age, under a short name', async () => {
    const spec = { hosts, resolution: 'STATIC', location: 'MESH_INTERNAL' }
    const object = {
      apiVersion: 'networking.istio.io/v1beta1',
      kind: 'ServiceEntry',
      metadata: { name: 'shown' },
      spec,
    }
    await cluster.must(['create', '-f', '-'], JSON.stringify(object))
    const table = await cluster.must(['get', 'se'])
    assert.match(table, /^NAME +HOSTS +LOCATION +RESOLUTION +AGE\n/)
    assert.match(table, /shown +\["auto.internal"\] +MESH_INTERNAL +STATIC +\d+s\n/)
  })

  it('keep addresses and what else is in a status, apart from the spec', async () => {
    const status = {
      addresses: [{ value: '240.240.0.1', host: 'auto.internal' }],
      conditions: [{ type: 'Reconciled', status: 'True', more: 1 }],
      observedGeneration: '1',
      other: { deep: [1] },
    }
    const object = {
      apiVersion: 'networking.istio.io/v1',
      kind: 'ServiceEntry',
      metadata: { name: 'with-status' },
      spec: { hosts },
      status: { addresses: [] },
    }
    await cluster.must(['create', '-f', '-'], JSON.stringify(object))
    const patch = ['patch', 'se', 'with-status', '--type=merge', '-p']
    await cluster.must([...patch, JSON.stringify({ status })])
    const got = () => cluster.must(['get', 'se', 'with-status', '-o', 'jsonpath={.status}'])
    assert.equal(await got(), '', 'a status is written through its subresource only')
    await cluster.must([...patch, JSON.stringify({ status }), '--subresource=status'])
    assert.deepEqual(JSON.parse(await got()), status)
  })
})
