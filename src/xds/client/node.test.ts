import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Environment } from '../../config/agent-settings.ts'
import { parseIp } from '../../ip/address.ts'
import { nodeOf } from './node.ts'

const defaults = {
  name: 'vm-1',
  namespace: 'prod',
  addresses: [parseIp('192.0.2.7'), parseIp('2001:db8::7')],
  dnsCapture: true,
}

const basic = {
  NAMESPACE: 'prod',
  INSTANCE_IPS: '192.0.2.7,2001:db8::7',
  WORKLOAD_NAME: 'vm-1',
  DNS_CAPTURE: 'true',
}

interface Case {
  readonly name: string
  readonly env: Environment
  readonly id?: string
  readonly metadata: Readonly<Record<string, unknown>>
}

const cases: readonly Case[] = [
  { name: 'nothing in the environment', env: {}, metadata: basic },
  {
    name: 'the environment of a machine that was set up as Istio does it',
    env: {
      POD_NAME: 'db',
      POD_NAMESPACE: 'vms',
      INSTANCE_IP: '198.51.100.4',
      SERVICE_ACCOUNT: 'db-account',
      ISTIO_META_CLUSTER_ID: 'Kubernetes',
      ISTIO_META_NETWORK: 'vm-network',
      ISTIO_META_AUTO_REGISTER_GROUP: 'db',
      ISTIO_META_DNS_CAPTURE: 'true',
      ISTIO_METAJSON_LABELS: '{"app":"db","version":"1"}',
      PATH: '/usr/bin',
    },
    id: 'sidecar~198.51.100.4~db.vms~vms.svc.cluster.local',
    metadata: {
      NAMESPACE: 'vms',
      INSTANCE_IPS: '198.51.100.4,192.0.2.7,2001:db8::7',
      WORKLOAD_NAME: 'db',
      DNS_CAPTURE: 'true',
      SERVICE_ACCOUNT: 'db-account',
      CLUSTER_ID: 'Kubernetes',
      NETWORK: 'vm-network',
      AUTO_REGISTER_GROUP: 'db',
      LABELS: { app: 'db', version: '1' },
    },
  },
  {
    name: 'booleans and numbers stay text',
    env: { ISTIO_META_DNS_CAPTURE: 'false', ISTIO_META_POD_PORTS: '[{"containerPort":80}]' },
    metadata: { ...basic, DNS_CAPTURE: 'false', POD_PORTS: '[{"containerPort":80}]' },
  },
  {
    name: 'labels, and JSON that is none',
    env: { ISTIO_METAJSON_LABELS: '{"a":"1"}', ISTIO_METAJSON_BAD: '{"a"' },
    metadata: { ...basic, LABELS: { a: '1' } },
  },
]

describe('nodeOf', () => {
  it('says how the application is asked for its health', () => {
    const times = { initialDelaySeconds: 0, timeoutSeconds: 1, periodSeconds: 10 }
    const probe = {
      ...times,
      successThreshold: 1,
      failureThreshold: 3,
      method: { kind: 'tcp', host: '', port: 5432 },
    } as const
    const { method: _, ...told } = probe
    const readinessProbe = { ...told, tcpSocket: { host: '', port: 5432 } }
    const { metadata } = nodeOf({ ...defaults, probe }, {})
    assert.deepEqual(metadata, { ...basic, PROXY_CONFIG: { readinessProbe } })
  })

  it('says which version asks', () => {
    const { metadata } = nodeOf({ ...defaults, version: '1.2.3' }, {})
    assert.deepEqual(metadata, { ...basic, MESHDNS_VERSION: '1.2.3' })
  })

  for (const { name, env, id, metadata } of cases) {
    it(name, () => {
      const node = nodeOf(defaults, env)
      assert.equal(node.id, id ?? 'sidecar~192.0.2.7~vm-1.prod~prod.svc.cluster.local')
      assert.deepEqual(node.metadata, metadata)
    })
  }

  it('says which node of a cluster it runs on', () => {
    assert.equal(nodeOf({ ...defaults, node: 'node-1' }, {}).metadata?.['NODE_NAME'], 'node-1')
  })

  it('has an address even where the machine has none', () => {
    const { id } = nodeOf({ ...defaults, addresses: [] }, {})
    assert.match(id, /^sidecar~127\.0\.0\.1~/)
  })
})
