import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { create, type MessageInitShape } from '@bufbuild/protobuf'
import { octetsOf, parseIp } from '../../ip/address.ts'
import { parsePrefix } from '../../ip/prefix.ts'
import type { Service } from '../../registry/service.ts'
import {
  AddressSchema,
  LoadBalancing_HealthPolicy,
  LoadBalancing_Mode,
  ServiceSchema,
  WorkloadSchema,
  WorkloadStatus,
} from '../../rpc/gen/istio/workload/workload_pb.js'
import { hostname } from '../../testing/mesh.ts'
import { DiscoveredServices, type NamedAddress } from './discovered-services.ts'

const virtualRanges = [parsePrefix('240.240.0.0/16'), parsePrefix('2001:2::/48')]

function discovered(): DiscoveredServices {
  return new DiscoveredServices({ clusterDomain: 'cluster.local', virtualRanges, source: 'istiod' })
}

function service(
  name: string,
  addresses: readonly string[],
  fields: MessageInitShape<typeof ServiceSchema> = {},
): NamedAddress {
  const [namespace = '', host = ''] = name.split('/')
  const value = create(ServiceSchema, {
    name: host.split('.')[0] ?? '',
    namespace,
    hostname: host,
    addresses: addresses.map((text) => ({ network: 'nw', address: octetsOf(parseIp(text)) })),
    ports: [{ servicePort: 80, targetPort: 8080 }],
    canonical: true,
    ...fields,
  })
  return { name, resource: create(AddressSchema, { type: { case: 'service', value } }) }
}

function workload(
  uid: string,
  addresses: readonly string[],
  fields: MessageInitShape<typeof WorkloadSchema> = {},
): NamedAddress {
  const [, , , namespace = '', name = ''] = uid.split('/')
  const value = create(WorkloadSchema, {
    uid,
    name,
    namespace,
    addresses: addresses.map((text) => octetsOf(parseIp(text))),
    services: { 'ns1/a.test': { ports: [{ servicePort: 80, targetPort: 8080 }] } },
    ...fields,
  })
  return { name: uid, resource: create(AddressSchema, { type: { case: 'workload', value } }) }
}

const podUid = 'c1//Pod/ns1/web-0'

function only(put: readonly NamedAddress[], host = 'a.test'): Service {
  const all = discovered()
  all.apply(put, [])
  assert.deepEqual([...all.unusable()], [])
  const [found, ...others] = all.services().get(hostname(host)) ?? []
  assert.ok(found)
  assert.deepEqual(others, [])
  return found
}

describe('DiscoveredServices of another controller', () => {
  it('have explicit addresses, and ports without a name', () => {
    assert.deepEqual(only([service('ns1/a.test', ['192.0.2.1', 'fd00::1'])]), {
      host: 'a.test',
      namespace: 'ns1',
      registry: 'External',
      addresses: ['192.0.2.1', 'fd00::1'],
      prefixes: [],
      allocatable: false,
      ports: [{ number: 80, name: '', protocol: '' }],
      resolution: 'STATIC',
      endpoints: [],
      headless: false,
      publishNotReady: false,
      exportTo: ['*'],
      createdAt: 0,
      origin: { kind: 'ServiceEntry', namespace: 'ns1', name: 'a', file: 'istiod', line: 0 },
    })
  })

  it('have virtual addresses where these are in the ranges for it', () => {
    const all = discovered()
    all.apply([service('ns1/a.test', ['240.240.0.1', '192.0.2.1', '2001:2::1'])], [])
    assert.deepEqual(
      [...all.virtualAddresses()],
      [['ns1/a.test', { v4: '240.240.0.1', v6: '2001:2::1' }]],
    )
    assert.deepEqual(all.services().get(hostname('a.test'))?.[0]?.addresses, ['192.0.2.1'])
  })

  it('have the workloads as endpoints', () => {
    const sick = workload('c1/networking.istio.io/WorkloadEntry/ns1/vm', ['192.0.2.9'], {
      status: WorkloadStatus.UNHEALTHY,
      capacity: 3,
      locality: { region: 'r', zone: 'z' },
      network: 'nw2',
      services: { 'ns1/a.test': { ports: [{ servicePort: 80 }] } },
    })
    const well = workload(podUid, ['10.0.0.1', 'fd00::1'])
    const { endpoints, headless } = only([sick, well, service('ns1/a.test', ['192.0.2.1'])])
    assert.equal(headless, false)
    assert.deepEqual(endpoints, [
      {
        target: { kind: 'ip', address: '10.0.0.1' },
        otherAddresses: ['fd00::1'],
        ports: new Map([[80, 8080]]),
        weight: 1,
        healthy: true,
        origin: { kind: 'Pod', namespace: 'ns1', name: 'web-0', file: 'istiod', line: 0 },
      },
      {
        target: { kind: 'ip', address: '192.0.2.9' },
        otherAddresses: [],
        ports: new Map([[80, 80]]),
        weight: 3,
        healthy: false,
        locality: 'r/z',
        network: 'nw2',
        origin: { kind: 'WorkloadEntry', namespace: 'ns1', name: 'vm', file: 'istiod', line: 0 },
      },
    ])
  })

  it('are headless where only the workloads have addresses', () => {
    const host = 'db.ns1.svc.cluster.local'
    const pod = workload(podUid, ['10.0.0.1'], {
      hostname: `db-0.${host}`,
      services: { [`ns1/${host}`]: { ports: [] } },
    })
    const found = only([service(`ns1/${host}`, []), pod], host)
    assert.equal(found.headless, true)
    assert.equal(found.registry, 'Kubernetes')
    assert.equal(found.shortName, 'db')
    assert.equal(found.endpoints[0]?.hostname, 'db-0')
    assert.equal(only([service('ns1/a.test', [])]).headless, false)
  })

  it('are looked up where workloads have names only', () => {
    const named = workload(podUid, [], { hostname: 'up.example.com' })
    const found = only([service('ns1/a.test', ['240.240.0.1']), named])
    assert.equal(found.resolution, 'DNS')
    assert.deepEqual(found.endpoints[0]?.target, { kind: 'name', name: 'up.example.com' })
  })

  it('pass connections through, and count what is not ready, where the controller says so', () => {
    const mode = LoadBalancing_Mode.PASSTHROUGH
    const passed = only([service('ns1/a.test', ['192.0.2.1'], { loadBalancing: { mode } })])
    assert.equal(passed.resolution, 'NONE')
    assert.deepEqual(passed.ports, [{ number: 80, name: '', protocol: '', targetPort: 8080 }])
    const healthPolicy = LoadBalancing_HealthPolicy.ALLOW_ALL
    const eager = only([service('ns1/a.test', [], { loadBalancing: { healthPolicy } })])
    assert.equal(eager.publishNotReady, true)
  })

  it('are older where the controller calls them canonical', () => {
    const all = discovered()
    const other = service('ns0/a.test', [], { canonical: false })
    all.apply([other, service('ns1/a.test', [])], [])
    const found = all.services().get(hostname('a.test')) ?? []
    assert.deepEqual(
      found.map(({ namespace, createdAt }) => [namespace, createdAt]),
      [
        ['ns0', 1],
        ['ns1', 0],
      ],
    )
  })

  it('lack a workload that is nowhere', () => {
    assert.deepEqual(only([service('ns1/a.test', []), workload(podUid, [])]).endpoints, [])
  })
})

describe('DiscoveredServices.apply', () => {
  const a = service('ns1/a.test', ['192.0.2.1'])
  const pod = workload(podUid, ['10.0.0.1'])

  it('names the hosts that changed, and keeps the objects of the others', () => {
    const all = discovered()
    const b = service('ns1/b.test', ['192.0.2.2'])
    assert.deepEqual([...all.apply([pod], [])], [])
    assert.deepEqual([...all.apply([a, b], [])], ['a.test', 'b.test'])
    const kept = all.services().get(hostname('b.test'))
    const sick = workload(podUid, ['10.0.0.1'], { status: WorkloadStatus.UNHEALTHY })
    assert.deepEqual([...all.apply([sick], [])], ['a.test'])
    assert.deepEqual([...all.apply([sick], [])], [])
    assert.equal(all.services().get(hostname('b.test')), kept)
    assert.deepEqual([...all.apply([], [podUid])], ['a.test'])
    assert.deepEqual([...all.apply([], ['ns1/a.test', 'nobody'])], ['a.test'])
    assert.deepEqual([...all.services().keys()], ['b.test'])
  })

  it('forgets a virtual address with its service', () => {
    const all = discovered()
    all.apply([service('ns1/a.test', ['240.240.0.1'])], [])
    all.apply([], ['ns1/a.test'])
    assert.equal(all.virtualAddresses().size, 0)
  })

  it('leaves in force what a resource said before it became unusable', () => {
    const all = discovered()
    all.apply([a, pod], [])
    const kept = all.services().get(hostname('a.test'))
    const ports = [{ servicePort: 70_000, targetPort: 1 }]
    const bad = service('ns1/a.test', ['192.0.2.7'], { ports })
    assert.deepEqual([...all.apply([bad], [])], [])
    assert.deepEqual([...all.unusable()], [['ns1/a.test', '70000 is not a port']])
    assert.equal(all.services().get(hostname('a.test')), kept)
    all.apply([a], [])
    assert.equal(all.unusable().size, 0)
  })
})

/** A cost for each pair of them would take minutes. */
const many = 60_000

describe('DiscoveredServices under a controller that means harm', () => {
  it('takes very many namespaces that declare one host', { timeout: 30_000 }, () => {
    const all = discovered()
    const names = Array.from({ length: many }, (_, at) => `ns${at}/a.test`)
    const same = names.map((name) => service(name, []))
    assert.deepEqual([...all.apply(same, [])], ['a.test'])
    assert.equal(all.services().get(hostname('a.test'))?.length, many)
    all.apply([], names)
    assert.equal(all.services().size, 0)
  })

  it('takes a workload of very many services', { timeout: 30_000 }, () => {
    const all = discovered()
    const entries = Array.from({ length: many }, (_, at) => [`ns1/h${at}.test`, {}] as const)
    const services = Object.fromEntries(entries)
    all.apply([workload(podUid, ['10.0.0.1'], { services })], [])
    all.apply([service('ns1/h7.test', ['192.0.2.1'])], [])
    assert.equal(all.services().get(hostname('h7.test'))?.[0]?.endpoints.length, 1)
  })
})
