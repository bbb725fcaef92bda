import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { V1EndpointSlice, V1Service } from '@kubernetes/client-node'
import { serviceRules } from './service-rules.ts'

const metadata = { name: 'web', namespace: 'ns1' }

function service(clusterIPs: string[], outside: readonly string[]): V1Service {
  const ingress = outside.map((ip) => ({ ip }))
  const ports = [{ name: 'http', port: 80 }]
  return { metadata, spec: { clusterIPs, ports }, status: { loadBalancer: { ingress } } }
}

function slice(addresses: readonly string[], ready = true, family = 'IPv4'): V1EndpointSlice {
  return {
    metadata: { namespace: 'ns1', labels: { 'kubernetes.io/service-name': 'web' } },
    addressType: family,
    ports: [{ name: 'http', port: 8080 }],
    endpoints: addresses.map((address) => ({ addresses: [address], conditions: { ready } })),
  }
}

const cases: readonly {
  readonly name: string
  readonly addresses: string[]
  readonly outside?: readonly string[]
  readonly slices: readonly V1EndpointSlice[]
  readonly want: readonly string[]
}[] = [
  {
    name: 'each endpoint takes its share',
    addresses: ['10.96.0.8'],
    slices: [slice(['10.244.0.1']), slice(['10.244.0.2'])],
    want: [
      'ip daddr 10.96.0.8 tcp dport 80 numgen random mod 2 0 meta nfproto ipv4 dnat ip to 10.244.0.1:8080',
      'ip daddr 10.96.0.8 tcp dport 80 meta nfproto ipv4 dnat ip to 10.244.0.2:8080',
    ],
  },
  {
    name: 'one that is not ready is none',
    addresses: ['10.96.0.8'],
    slices: [slice(['10.244.0.1'], false)],
    want: ['ip daddr 10.96.0.8 tcp dport 80 reject'],
  },
  {
    name: 'IPv6 has its own',
    addresses: ['10.96.0.8', 'fd00::8'],
    slices: [slice(['fd00::1'], true, 'IPv6')],
    want: [
      'ip6 daddr fd00::8 tcp dport 80 meta nfproto ipv6 dnat ip6 to [fd00::1]:8080',
      'ip daddr 10.96.0.8 tcp dport 80 reject',
    ],
  },
  {
    name: 'a load balancer leads to the same endpoints',
    addresses: ['10.96.0.8'],
    outside: ['192.0.2.9'],
    slices: [slice(['10.244.0.1'])],
    want: [
      'ip daddr 10.96.0.8 tcp dport 80 meta nfproto ipv4 dnat ip to 10.244.0.1:8080',
      'ip daddr 192.0.2.9 tcp dport 80 meta nfproto ipv4 dnat ip to 10.244.0.1:8080',
    ],
  },
  { name: 'a headless one needs none', addresses: ['None'], slices: [], want: [] },
]

describe('rules of Services', () => {
  for (const { name, addresses, outside = [], slices, want } of cases) {
    it(name, () => {
      const text = serviceRules([service(addresses, outside)], slices)
      const rules = text.split('\n').map((line) => line.trim())
      assert.deepEqual(
        rules.filter((line) => line.includes('dport')),
        want,
      )
    })
  }
})
