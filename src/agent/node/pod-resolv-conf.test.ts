import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { PlainMap } from '../../documents/plain-map.ts'
import { readNodePod } from './node-pod.ts'
import { podResolvConf } from './pod-resolv-conf.ts'

interface Case {
  readonly name: string
  readonly spec: PlainMap
  readonly want: readonly string[]
}

const resolvers = {
  cluster:
    'search a.svc.k8s.corp svc.k8s.corp k8s.corp corp.test\nnameserver 10.96.0.10\noptions ndots:5\n',
  node: 'nameserver 192.0.2.1\nsearch corp.test\noptions edns0\n',
  clusterDomain: 'k8s.corp',
}

const ofCluster = 'search shop.svc.k8s.corp svc.k8s.corp k8s.corp corp.test'

const cases: readonly Case[] = [
  {
    name: 'no policy',
    spec: {},
    want: ['nameserver 10.96.0.10', ofCluster, 'options ndots:5'],
  },
  {
    name: 'more servers, domains and options',
    spec: {
      dnsConfig: {
        nameservers: ['192.0.2.9'],
        searches: ['more.test', 'corp.test'],
        options: [{ name: 'ndots', value: '2' }, { name: 'use-vc' }, { name: 'bad name' }, 7],
      },
    },
    want: [
      'nameserver 10.96.0.10',
      'nameserver 192.0.2.9',
      `${ofCluster} more.test`,
      'options ndots:5',
      'options ndots:2',
      'options use-vc',
    ],
  },
  {
    name: 'policy Default',
    spec: { dnsPolicy: 'Default' },
    want: ['nameserver 192.0.2.1', 'search corp.test', 'options edns0'],
  },
  {
    name: 'policy None',
    spec: { dnsPolicy: 'None', dnsConfig: { nameservers: ['192.0.2.9'], searches: ['own.test'] } },
    want: ['nameserver 192.0.2.9', 'search own.test'],
  },
]

describe('podResolvConf (Kubernetes: DNS for Services and Pods)', () => {
  for (const { name, spec, want } of cases) {
    it(`is as the kubelet writes it with ${name}`, () => {
      const pod = readNodePod({ metadata: { uid: 'u', namespace: 'shop', name: 'web' }, spec })
      assert.ok(pod)
      assert.deepEqual(podResolvConf(pod, resolvers).trimEnd().split('\n'), want)
    })
  }
})
