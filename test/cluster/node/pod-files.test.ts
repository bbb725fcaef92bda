import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { V1PodSpec } from '@kubernetes/client-node'
import { hostsOf, resolvConfOf } from './pod-files.ts'

const dns = {
  server: '10.96.0.10',
  domain: 'cluster.local',
  nodeResolvConf: 'search corp.example\nnameserver 192.0.2.53\noptions edns0\n',
}

const none = { dnsPolicy: 'None', dnsConfig: { nameservers: ['192.0.2.1'] } }

const cases: readonly {
  readonly name: string
  readonly spec: Partial<V1PodSpec>
  readonly want: readonly string[]
}[] = [
  {
    name: 'ClusterFirst, when nothing is said',
    spec: {},
    want: [
      'search ns1.svc.cluster.local svc.cluster.local cluster.local corp.example',
      'nameserver 10.96.0.10',
      'options ndots:5',
    ],
  },
  {
    name: 'Default, as the node has it',
    spec: { dnsPolicy: 'Default' },
    want: ['search corp.example', 'nameserver 192.0.2.53', 'options edns0'],
  },
  {
    name: 'ClusterFirst of the host network, as the node has it',
    spec: { dnsPolicy: 'ClusterFirst', hostNetwork: true },
    want: ['search corp.example', 'nameserver 192.0.2.53', 'options edns0'],
  },
  { name: 'None, and what the pod says', spec: none, want: ['nameserver 192.0.2.1'] },
  {
    name: 'options of the pod beat those of the same name',
    spec: {
      dnsConfig: {
        searches: ['more.example', 'cluster.local'],
        options: [{ name: 'ndots', value: '2' }, { name: 'single-request' }],
      },
    },
    want: [
      'search ns1.svc.cluster.local svc.cluster.local cluster.local corp.example more.example',
      'nameserver 10.96.0.10',
      'options ndots:2 single-request',
    ],
  },
]

describe('resolv.conf of a pod', () => {
  for (const { name, spec, want } of cases) {
    it(name, () => {
      const pod = { metadata: { name: 'web', namespace: 'ns1' }, spec: { containers: [], ...spec } }
      assert.deepEqual(resolvConfOf(pod, dns).trimEnd().split('\n'), want)
    })
  }

  it('hosts name the pod by its subdomain', () => {
    const spec = { containers: [], hostname: 'web-0', subdomain: 'web' }
    const text = hostsOf({ metadata: { name: 'x', namespace: 'ns1' }, spec }, ['10.244.0.9'], 'c.d')
    assert.match(text, /^10\.244\.0\.9\tweb-0\.web\.ns1\.svc\.c\.d\tweb-0$/m)
  })
})
