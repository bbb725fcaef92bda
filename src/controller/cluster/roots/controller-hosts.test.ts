import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { parseIp } from '../../../ip/address.ts'
import type { Service } from '../../../registry/service.ts'
import { FakeSource } from '../../../testing/fake-source.ts'
import { serviceOf } from '../../../testing/services.ts'
import { followControllerHosts } from './controller-hosts.ts'

function clusterService(name: string, namespace: string, ...addresses: readonly string[]): Service {
  return serviceOf(`${name}.${namespace}.svc.cluster.local`, {
    namespace,
    registry: 'Kubernetes',
    shortName: name,
    addresses: addresses.map(parseIp),
    origin: { kind: 'Service', namespace, name, file: 'test.yaml', line: 1 },
  })
}

interface Case {
  readonly name: string
  readonly services: readonly Service[]
  readonly want: string
}

const cases: readonly Case[] = [
  { name: 'none', services: [], want: '' },
  {
    name: 'of both families',
    services: [clusterService('istiod', 'istio-system', '10.96.0.7', 'fd00::7')],
    want: `10.96.0.7 istiod.istio-system.svc istiod.istio-system.svc.cluster.local
fd00::7 istiod.istio-system.svc istiod.istio-system.svc.cluster.local
`,
  },
  {
    name: 'of every revision',
    services: [
      clusterService('istiod-canary', 'istio-system', '10.96.0.8'),
      clusterService('istiod', 'istio-system', '10.96.0.7'),
    ],
    want: `10.96.0.7 istiod.istio-system.svc istiod.istio-system.svc.cluster.local
10.96.0.8 istiod-canary.istio-system.svc istiod-canary.istio-system.svc.cluster.local
`,
  },
  {
    name: 'of no other namespace, and no other Service',
    services: [
      clusterService('istiod', 'elsewhere', '10.96.0.7'),
      clusterService('istiodine', 'istio-system', '10.96.0.8'),
    ],
    want: '',
  },
  {
    name: 'not what an entry or an import calls so',
    services: [
      serviceOf('istiod.istio-system.svc.cluster.local', { addresses: [parseIp('192.0.2.1')] }),
      serviceOf('istiod.istio-system.svc.clusterset.local', {
        registry: 'Kubernetes',
        shortName: 'istiod',
        addresses: [parseIp('192.0.2.2')],
        origin: {
          kind: 'ServiceImport',
          namespace: 'istio-system',
          name: 'istiod',
          file: '',
          line: 1,
        },
      }),
    ],
    want: '',
  },
]

describe('hosts of controllers', () => {
  for (const { name, services, want } of cases) {
    it(name, () => {
      const source = new FakeSource()
      source.set(...services)
      assert.equal(followControllerHosts(source, 'istio-system').text(), want)
    })
  }

  it('are told anew when a Service of theirs is another, and at no other change', () => {
    const source = new FakeSource()
    const other = clusterService('web', 'istio-system', '10.96.0.1')
    const canary = clusterService('istiod-canary', 'istio-system', '10.96.0.8')
    source.set(other, canary)
    const hosts = followControllerHosts(source, 'istio-system')
    const told: string[] = []
    hosts.follow(() => told.push(hosts.text().replaceAll(/ .*/g, '').replaceAll('\n', ' ')))
    source.set(canary)
    source.set(canary, clusterService('istiod', 'istio-system', '10.96.0.7'))
    source.set(canary, clusterService('istiod', 'istio-system', '10.96.0.9'))
    source.set({ ...canary, createdAt: 1 }, clusterService('istiod', 'istio-system', '10.96.0.9'))
    source.set()
    assert.deepEqual(told, ['10.96.0.7 10.96.0.8 ', '10.96.0.8 10.96.0.9 ', ''])
  })
})
