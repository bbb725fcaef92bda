import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { create, type JsonObject, type MessageInitShape } from '@bufbuild/protobuf'
import { type LocalitySchema, NodeSchema } from '../rpc/gen/envoy/config/core/v3/base_pb.js'
import { parseNode } from './parse-node.ts'

const good = 'sidecar~10.0.0.7~vm1.shop~shop.svc.cluster.local'

function parse(metadata: JsonObject = {}, id = good) {
  return parseNode(create(NodeSchema, { id, metadata }))
}

describe('parseNode', () => {
  it('takes everything that is said', () => {
    const proxy = parse({
      NAMESPACE: 'vms',
      DNS_CAPTURE: 'true',
      DNS_AUTO_ALLOCATE: 'TRUE',
      INSTANCE_IPS: '10.0.0.8,2001:DB8::1',
      LABELS: { app: 'web' },
      SERVICE_ACCOUNT: 'web',
      CLUSTER_ID: 'Kubernetes',
      NETWORK: 'vm-network',
      ISTIO_VERSION: '1.24.0',
      AUTO_REGISTER_GROUP: 'web',
      ANYTHING: { else: [1, null] },
    })
    const { metadata, ...known } = proxy
    assert.deepEqual(known, {
      id: good,
      type: 'sidecar',
      name: 'vm1',
      namespace: 'vms',
      addresses: ['10.0.0.8', '2001:db8::1'],
      labels: new Map([['app', 'web']]),
      serviceAccount: 'web',
      clusterId: 'Kubernetes',
      network: 'vm-network',
      version: '1.24.0',
      dnsCapture: true,
      dnsAutoAllocate: true,
      autoRegisterGroup: 'web',
    })
    assert.deepEqual(metadata.ANYTHING, { else: [1, null] })
  })

  it('takes the version of our agents, where Istio’s is not said', () => {
    assert.equal(parse({ MESHDNS_VERSION: '1.2.3' }).version, '1.2.3')
  })

  it('takes the node of the cluster, and no name that can be none', () => {
    const on = (name: string) =>
      parseNode(create(NodeSchema, { id: good, metadata: { NODE_NAME: name } })).node
    assert.equal(on('ip-10-0-0-1.ec2.internal'), 'ip-10-0-0-1.ec2.internal')
    assert.equal(on(''), undefined)
    assert.throws(() => on('node 1'), { code: 'XDS_NODE' })
  })

  it('takes the locality', () => {
    const at = (locality: MessageInitShape<typeof LocalitySchema>) =>
      parseNode(create(NodeSchema, { id: good, locality })).locality
    assert.equal(at({ region: 'r', zone: 'z', subZone: 's' }), 'r/z/s')
    assert.equal(at({}), undefined)
    assert.throws(() => at({ zone: 'z'.repeat(3_000) }), { code: 'XDS_NODE' })
  })

  it('does without metadata', () => {
    const proxy = parse({}, 'ztunnel~2001:db8::7~zt.with.dots.ns1~x')
    assert.equal(proxy.namespace, 'ns1')
    assert.equal(proxy.name, 'zt.with.dots')
    assert.deepEqual(proxy.addresses, ['2001:db8::7'])
    assert.equal(proxy.dnsCapture, false)
    assert.equal(proxy.serviceAccount, undefined)
  })

  it('needs no address in the id where there are INSTANCE_IPS', () => {
    const proxy = parse({ INSTANCE_IPS: '10.0.0.8' }, 'sidecar~~vm1.shop~x')
    assert.deepEqual(proxy.addresses, ['10.0.0.8'])
  })

  const faults: readonly {
    readonly name: string
    readonly metadata?: JsonObject
    readonly id?: string
    readonly want: RegExp
  }[] = [
    { name: 'an id of five parts', id: `${good}~x`, want: /has 5 parts/ },
    { name: 'an unknown type', id: good.replace('sidecar', 'agent'), want: /type "agent"/ },
    { name: 'no namespace', id: 'sidecar~10.0.0.7~vm1~x', want: /"vm1" in the id/ },
    { name: 'an empty namespace', id: 'ztunnel~10.0.0.7~zt.~x', want: /no namespace/ },
    { name: 'no address', id: 'sidecar~~vm1.shop~x', want: /"" in the id is not an IP/ },
    { name: 'a bad INSTANCE_IPS', metadata: { INSTANCE_IPS: '10.0.0.8,x' }, want: /"x" in INST/ },
    { name: 'too many addresses', metadata: { INSTANCE_IPS: ','.repeat(40) }, want: /41 addr/ },
    { name: 'a bare boolean', metadata: { DNS_CAPTURE: true }, want: /DNS_CAPTURE is a boolean/ },
    { name: 'a flag nobody knows', metadata: { DNS_CAPTURE: 'on' }, want: /neither "true" nor/ },
    { name: 'a number for a text', metadata: { NETWORK: 5 }, want: /NETWORK is a number/ },
    { name: 'labels that are a text', metadata: { LABELS: 'app=web' }, want: /LABELS is a string/ },
    { name: 'a label that is a list', metadata: { LABELS: { a: [] } }, want: /a list at a/ },
    { name: 'a path for a namespace', metadata: { NAMESPACE: '../x' }, want: /NAMESPACE is/ },
    { name: 'a path for a group', metadata: { AUTO_REGISTER_GROUP: 'a/b' }, want: /GROUP is "a/ },
    { name: 'too much metadata', metadata: { X: 'x'.repeat(300_000) }, want: /metadata has/ },
    { name: 'an endless id', id: good + 'x'.repeat(2_000), want: /the id has/ },
  ]
  for (const { name, metadata, id, want } of faults) {
    it(`refuses ${name}, and says so`, () => {
      assert.throws(() => parse(metadata, id), { code: 'XDS_NODE', message: want })
    })
  }

  it('refuses a stream without a node', () => {
    assert.throws(() => parseNode(undefined), { code: 'XDS_NODE', message: /there is none/ })
  })
})
